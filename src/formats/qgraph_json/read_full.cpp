// Reads the form with "tensors": a canonical graph, checked and built anew as .qg is.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <limits>

#include "formats/qgraph_json/constants.hpp"
#include "formats/qgraph_json/read.hpp"
#include "formats/stored_model.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

constexpr std::int64_t newest_version = 1;

class Reader {
 public:
  Reader(const Document& document, const Budgets& budgets) : d_(document), budgets_(budgets) {}

  Result<StoredModel> read() {
    StoredModel out;
    const Json& root = d_.root;
    if (root.has("version") && root["version"].integer() != newest_version)
      return d_.problem(root["version"], "QG1302", Cause::unsupported_version,
                        fmt::format("this qgraph reads version {}", newest_version),
                        "a newer qgraph has written it, with something that an older one must not overlook");
    only(root,
         {"version", "format", "name", "inputs", "outputs", "nodes", "tensors", "graphs", "signatures", "variables", "metadata"});
    out.format = text(root["format"]);
    out.graphs.push_back(graph(root));
    for (const Json& g : items(root["graphs"])) {
      only(g, {"name", "inputs", "outputs", "nodes", "tensors"});
      out.graphs.push_back(graph(g));
    }
    for (const Json& s : items(root["signatures"])) {
      only(s, {"name", "graph", "inputs", "outputs", "input_positions", "output_positions"});
      out.signatures.push_back({text(s["name"]), GraphId{index(s["graph"])}, texts(s["inputs"]), texts(s["outputs"]),
                                positions(s["input_positions"]), positions(s["output_positions"])});
    }
    for (const Json& v : items(root["variables"])) {
      only(v, {"name", "dtype", "shape", "quantization"});
      out.variables.push_back({text(v["name"]), type(v)});
    }
    if (const auto* members = root["metadata"].object())
      for (const Member& m : *members) out.metadata[m.key] = text(m.value);
    if (failed_) return std::move(error_);
    return out;
  }

 private:
  void fail(Report r) {
    if (!failed_) error_ = std::move(r);
    failed_ = true;
  }
  void wrong_kind(const Json& at, std::string_view expected) {
    fail(d_.problem(at, "QG1404", Cause::unreadable_file, fmt::format("this is {}, not {}", at.kind(), expected)));
  }
  /// Refuses keys that this version does not know.
  void only(const Json& object, std::initializer_list<std::string_view> keys) {
    const auto* members = object.object();
    if (!members) return wrong_kind(object, "an object");
    for (const Member& m : *members)
      if (std::find(keys.begin(), keys.end(), m.key) == keys.end())
        fail(d_.problem(m.value, "QG1304", Cause::invalid_attribute, fmt::format("this version knows no key '{}' here", m.key)));
  }

  const Json::List& items(const Json& list) {
    static const Json::List none;
    if (list.is_null()) return none;
    if (const auto* l = list.list()) return *l;
    wrong_kind(list, "a list");
    return none;
  }
  std::string text(const Json& v) {
    if (v.text()) return *v.text();
    if (!v.is_null()) wrong_kind(v, "a text");
    return {};
  }
  bool flag(const Json& v) {
    if (!v.is_null() && !v.boolean()) wrong_kind(v, "true or false");
    return v.boolean().value_or(false);
  }
  std::int64_t whole(const Json& v, std::int64_t fallback) {
    if (v.is_null()) return fallback;
    const auto i = v.integer();
    if (!i) wrong_kind(v, "a whole number");
    return i.value_or(fallback);
  }
  std::uint32_t index(const Json& v) {
    const std::int64_t i = whole(v, -1);
    if (i < 0 || i >= std::numeric_limits<std::uint32_t>::max()) {
      fail(d_.problem(v, "QG1404", Cause::dangling_reference, "an index is a whole number from 0"));
      return 0;
    }
    return static_cast<std::uint32_t>(i);
  }
  std::vector<std::uint32_t> indices(const Json& list, bool may_be_absent = false) {
    std::vector<std::uint32_t> out;
    for (const Json& v : items(list)) out.push_back(may_be_absent && v.is_null() ? TensorId::none : index(v));
    return out;
  }
  std::vector<std::size_t> positions(const Json& list) {
    const auto v = indices(list);
    return {v.begin(), v.end()};
  }
  std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> out;
    for (const Json& v : items(list)) out.push_back(text(v));
    return out;
  }
  template <class T>
  std::vector<T> numbers(const Json& list) {
    std::vector<T> out;
    for (const Json& v : items(list)) {
      const auto x = std::is_same_v<T, std::int64_t> ? std::optional<double>(0) : v.number();
      if constexpr (std::is_same_v<T, std::int64_t>)
        out.push_back(whole(v, 0));
      else
        out.push_back(static_cast<T>(x.value_or(0)));
      if (!x) wrong_kind(v, "a number");
    }
    return out;
  }

  TensorType type(const Json& t) {
    // A variable to which nothing was assigned yet has no dtype.
    const bool open = t["dtype"].text() && *t["dtype"].text() == name(DType::unknown);
    const auto dtype = open ? Result<DType>(DType::unknown) : read_dtype(d_, t["dtype"]);
    if (!dtype) fail(dtype.error());
    Shape shape = Shape::unknown_rank();
    if (t.has("shape")) {
      auto given = read_shape(d_, t["shape"]);
      if (given)
        shape = *std::move(given);
      else
        fail(std::move(given).error());
    }
    const DType stored = dtype ? storage(*dtype) : DType::unknown;
    if (!t.has("quantization")) return {stored, std::move(shape)};
    const Json& q = t["quantization"];
    only(q, {"scales", "zero_points", "axis", "block_size"});
    const std::int64_t axis = whole(q["axis"], -1);
    if (axis < -1 || axis > 1 << 20)
      fail(d_.problem(q["axis"], "QG1404", Cause::invalid_quantization, fmt::format("there is no axis {}", axis)));
    return {Quantized(stored, Quantization{numbers<float>(q["scales"]), numbers<std::int64_t>(q["zero_points"]),
                                           static_cast<int>(axis), whole(q["block_size"], 0)}),
            std::move(shape)};
  }

  GraphTensor tensor(const Json& t) {
    only(t, {"name", "dtype", "shape", "quantization", "data", "state", "source_index"});
    GraphTensor out{.name = text(t["name"]),
                    .type = type(t),
                    .constant = t.has("data"),
                    .state = flag(t["state"]),
                    .source_index = whole(t["source_index"], -1)};
    if (!out.constant || failed_) return out;
    const auto size = out.type.bytes();
    if (size && *size > budgets_.tensor_bytes) {
      fail(d_.problem(t, "QG9002", Cause::resource_limit, fmt::format("{} bytes are more than allowed", *size)));
      return out;
    }
    auto data = bytes_of(d_, t["data"], out.type.storage(), out.type.shape);
    if (data)
      out.data = *std::move(data);
    else
      fail(std::move(data).error());
    return out;
  }

  AttributeValue attribute(const Json& v) {
    if (v.text()) return *v.text();
    if (const auto* i = std::get_if<std::int64_t>(&v.value)) return *i;
    if (v.boolean()) return std::int64_t{*v.boolean()};
    if (v.is_number()) return *v.number();
    if (v.has("number") && v["number"].number()) return *v["number"].number();
    if (v.has("numbers")) return numbers<double>(v["numbers"]);
    if (v.has("texts")) return texts(v["texts"]);
    if (v.has("tensor")) {
      GraphTensor t = tensor(v["tensor"]);
      return Tensor(std::move(t.type), std::move(t.data));
    }
    if (v.list()) return numbers<std::int64_t>(v);
    wrong_kind(v, "the value of an attribute");
    return std::int64_t{0};
  }

  StoredNode node(const Json& n) {
    only(n, {"op", "name", "inputs", "outputs", "bodies", "attributes", "source_index"});
    StoredNode out{.op = text(n["op"]),
                   .name = text(n["name"]),
                   .inputs = indices(n["inputs"], true),
                   .outputs = indices(n["outputs"]),
                   .bodies = indices(n["bodies"]),
                   .source_index = whole(n["source_index"], -1)};
    if (const auto* members = n["attributes"].object())
      for (const Member& m : *members) out.attributes.set(m.key, attribute(m.value));
    else if (n.has("attributes"))
      wrong_kind(n["attributes"], "an object");
    return out;
  }

  StoredGraph graph(const Json& g) {
    StoredGraph out{.name = text(g["name"]), .inputs = indices(g["inputs"]), .outputs = indices(g["outputs"])};
    for (const Json& t : items(g["tensors"])) out.tensors.push_back(tensor(t));
    for (const Json& n : items(g["nodes"])) out.nodes.push_back(node(n));
    return out;
  }

  const Document& d_;
  const Budgets& budgets_;
  bool failed_ = false;
  Report error_;
};

}  // namespace

bool is_full(std::span<const std::byte> bytes) {
  // A walk over brackets and texts: the document is not parsed twice.
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t begin = ++i;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    if (depth != 1 || i >= text.size() || text.substr(begin, i - begin) != "tensors") continue;
    const std::size_t next = text.find_first_not_of(" \t\r\n", i + 1);
    if (next != std::string_view::npos && text[next] == ':') return true;
  }
  return false;
}

Result<Model> read_full(ReadContext& context) {
  static const Budgets defaults;
  const Budgets& budgets = context.budgets ? *context.budgets : defaults;
  const auto document = parse(context.file.bytes);
  if (!document) return document.error();
  auto stored = Reader(*document, budgets).read();
  if (!stored) return std::move(stored).error();
  return rebuild(*std::move(stored), budgets);
}

}  // namespace qgraph::formats::qgraph_json
