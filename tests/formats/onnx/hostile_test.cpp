// Hostile ONNX files: wire format that never ends, and small graphs that ask for a lot. Each ends in a diagnostic, soon and
// within the budgets.
#include <chrono>

#include "formats/onnx/models.hpp"
#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;
using B = test::OnnxBuilder;
using of::MessageEdit;
using Bytes = std::vector<std::byte>;

constexpr Budgets tight{.file_bytes = 1 << 24,
                        .tensor_bytes = 1 << 24,
                        .decoded_bytes = 1 << 24,
                        .arena_bytes = 1 << 26,
                        .nodes = 5000,
                        .tensors = 10000,
                        .nesting = 16,
                        .loop_iterations = 5000};

/// The codes of all that is said, loading and, where that succeeds, running on zeros. Empty: it runs.
std::string end_of(const Bytes& file) {
  const auto begin = std::chrono::steady_clock::now();
  std::string codes;
  const auto note = [&](const Report& report) {
    for (const Diagnostic& d : report.diagnostics)
      if (d.severity == Severity::error)
        codes += d.code + (d.cause == Cause::resource_limit ? " limit " : " ") + d.headline + "\n";
  };
  const LoadResult loaded = try_load_graph(file, {.format = "onnx", .budgets = tight});
  note(loaded.report);
  CHECK(loaded.model.empty() == !codes.empty());
  if (!loaded.model.empty()) {
    auto session = Session::create(loaded.model, {.budgets = tight});
    REQUIRE(session.ok());
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < session->input_count(); ++i) {
      const TensorType& type = session->input_type(i);
      inputs.emplace_back(type, Buffer::own(Bytes(type.bytes().value_or(0))));
    }
    if (auto outputs = session->try_run(inputs); !outputs) note(outputs.error());
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  return codes;
}
bool limited(const std::string& codes) { return codes.find(" limit ") != std::string::npos; }

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Bytes bytes_of(std::initializer_list<int> values) {
  Bytes out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}
Bytes varint(std::uint64_t v) {
  Bytes out;
  for (; v >= 0x80; v >>= 7U) out.push_back(static_cast<std::byte>(v | 0x80U));
  out.push_back(static_cast<std::byte>(v));
  return out;
}
/// A length-delimited field.
Bytes field(std::uint32_t number, const Bytes& content) { return varint(number << 3U | 2U) + varint(content.size()) + content; }
const Bytes head = bytes_of({0x08, 8});  // ir_version 8

void int64s(MessageEdit& graph, const std::string& name, const std::vector<std::int64_t>& values, bool scalar = false) {
  MessageEdit& t = B::tensor(graph, name, 7, scalar ? Shape{} : Shape{static_cast<std::int64_t>(values.size())});
  for (const std::int64_t v : values) t.add_integer(of::tensor_field::int64_data, v);
}
void output(MessageEdit& graph, DType dtype = DType::float32) {
  B::value(graph, of::graph_field::output, "y", dtype, Shape::unknown_rank());
}
void input(MessageEdit& graph, const Shape& shape = {2}) { B::value(graph, of::graph_field::input, "x", DType::float32, shape); }

TEST_CASE("ONNX: hostile wire format ends in a diagnostic") {
  // Varints of eleven and more bytes, as value, as length, as key.
  for (const std::size_t count : {10U, 11U, 1000U}) {
    const Bytes endless(count, std::byte{0xFF});
    CHECK(end_of(bytes_of({0x08}) + endless + bytes_of({1})) != "");
    CHECK(end_of(head + bytes_of({0x3A}) + endless + bytes_of({1})) != "");
    CHECK(end_of(head + endless + bytes_of({1})) != "");
  }
  // Lengths beyond the file, up to 2^64 - 1.
  for (const std::uint64_t length : {std::uint64_t{5}, std::uint64_t{1} << 31U, std::uint64_t{1} << 63U, ~std::uint64_t{0}})
    CHECK(end_of(head + bytes_of({0x3A}) + varint(length)) != "");
  // Groups: that do not end, that end otherwise than they begin, ends without a beginning, too deep.
  for (const Bytes& groups : {bytes_of({0x9B, 0x06}), bytes_of({0x9B, 0x06, 0xA4, 0x06}), bytes_of({0x9C, 0x06})})
    CHECK(end_of(head + groups) != "");
  Bytes deep, ends;
  for (int i = 0; i < 100000; ++i) {
    deep.push_back(std::byte{0x0B});
    ends.push_back(std::byte{0x0C});
  }
  CHECK(end_of(head + deep) != "");
  CHECK(end_of(head + deep + ends) != "");
  // Key 0, wire types 6 and 7.
  for (const int key : {0x00, 0x3E, 0x3F}) CHECK(end_of(head + bytes_of({key, 0})) != "");
}

TEST_CASE("ONNX: messages in messages end in a diagnostic") {
  // An attribute's graph whose node has an attribute whose graph ... ; types of sequences of sequences ...
  Bytes graph, type;
  for (int i = 0; i < 3000; ++i) {
    graph = field(of::graph_field::node, field(of::node_field::op_type, bytes_of({'I', 'f'})) +
                                             field(of::node_field::attribute, field(of::attribute_field::name, bytes_of({'b'})) +
                                                                                  field(of::attribute_field::g, graph)));
    type = field(4, field(1, type));
    if (graph.size() > (1U << 22)) break;
  }
  CHECK(end_of(head + field(of::model_field::graph, graph)) != "");
  const Bytes value = field(1, bytes_of({'x'})) + field(2, type);
  for (const std::uint32_t where : {+of::graph_field::input, +of::graph_field::output, +of::graph_field::value_info})
    CHECK(end_of(head + field(of::model_field::graph, field(where, value))) != "");
}

TEST_CASE("ONNX: a file that declares more than it holds ends in a diagnostic") {
  for (const std::int64_t size : {std::int64_t{1} << 20, std::int64_t{1} << 40, std::int64_t{1} << 62, std::int64_t{-1}}) {
    INFO(size);
    B b;
    MessageEdit& constant = B::node(*b.graph, "Constant", {}, {"w"});
    MessageEdit& value = B::attribute(constant, "value", 4).add_message(of::attribute_field::t);
    of::write_dims(value, {size, 4});
    value.add_integer(of::tensor_field::data_type, 1);
    value.add_bytes(of::tensor_field::raw_data, bytes_of({1, 2, 3, 4}));
    B::node(*b.graph, "Relu", {"w"}, {"y"});
    output(*b.graph);
    CHECK(end_of(b.bytes()) != "");
  }
  B rank;  // a rank beyond all
  MessageEdit& t = rank.graph->add_message(of::graph_field::initializer);
  of::write_dims(t, Shape(std::vector<std::int64_t>(5000, 1)));
  t.add_integer(of::tensor_field::data_type, 1);
  t.add_text(of::tensor_field::name, "w");
  t.add_float(of::tensor_field::float_data, 1);
  B::node(*rank.graph, "Transpose", {"w"}, {"y"});
  output(*rank.graph);
  CHECK(end_of(rank.bytes()) != "");
}

TEST_CASE("ONNX: ops that make much of little end in a limit") {
  struct Bomb {
    std::string op;
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> integers;  ///< operands; "" stands for x
  };
  constexpr std::int64_t huge = std::int64_t{1} << 33;
  const Bomb bombs[] = {
      {"Expand", {{"", {}}, {"shape", {huge, 2}}}},
      {"ConstantOfShape", {{"shape", {huge}}}},
      {"ConstantOfShape", {{"shape", {1 << 20, 1 << 20, 1 << 20}}}},
      {"Tile", {{"", {}}, {"repeats", {huge}}}},
      {"Pad", {{"", {}}, {"pads", {huge, huge}}}},
      {"Reshape", {{"", {}}, {"shape", {huge, 2}}}},
      {"OneHot", {{"indices", {1, 2}}, {"depth", {huge}}, {"values", {0, 1}}}},
      {"CenterCropPad", {{"", {}}, {"shape", {huge}}}},
  };
  for (const bool computed : {false, true})
    for (const Bomb& bomb : bombs) {
      INFO(bomb.op << (computed ? ", computed" : ""));
      B b(8, 18);
      input(*b.graph);
      std::vector<std::string> operands;
      for (const auto& [name, values] : bomb.integers) {
        operands.push_back(name.empty() ? "x" : name);
        if (name.empty()) continue;
        int64s(*b.graph, computed ? name + "_" : name, values);
        // Known only when it runs: times the size of x over itself.
        if (!computed) continue;
        B::node(*b.graph, "Size", {"x"}, {name + "_size"});
        B::node(*b.graph, "Div", {name + "_size", name + "_size"}, {name + "_one"});
        B::node(*b.graph, "Mul", {name + "_", name + "_one"}, {name});
      }
      B::node(*b.graph, bomb.op, operands, {"y"});
      output(*b.graph, bomb.op == "OneHot" ? DType::int64 : DType::float32);
      CHECK(end_of(b.bytes()) != "");
    }
  B range;
  for (const auto& [name, value] : {std::pair<const char*, std::int64_t>{"from", 0}, {"to", std::int64_t{1} << 30}, {"by", 1}})
    int64s(*range.graph, name, {value}, true);
  B::node(*range.graph, "Range", {"from", "to", "by"}, {"y"});
  output(*range.graph, DType::int64);
  CHECK(limited(end_of(range.bytes())));
  B resize;
  input(*resize.graph, {1, 1, 2, 2});
  MessageEdit& scales = B::tensor(*resize.graph, "scales", 1, {4});
  for (const float f : {1.0F, 1.0F, 1e9F, 1e9F}) scales.add_float(of::tensor_field::float_data, f);
  B::node(*resize.graph, "Resize", {"x", "", "scales"}, {"y"});
  output(*resize.graph);
  CHECK(end_of(resize.bytes()) != "");
}

/// A Loop of 2^62 trips in `graph`, whose body carries `value` on by `op`(value, value).
MessageEdit& loop(MessageEdit& graph, const std::string& op, const std::string& carried, const std::string& made,
                  const std::string& prefix = "") {
  int64s(graph, prefix + "trips", {std::int64_t{1} << 62}, true);
  MessageEdit& body = B::body(B::node(graph, "Loop", {prefix + "trips", "", carried}, {made}), "body");
  body.add_text(of::graph_field::name, prefix + "body");
  B::value(body, of::graph_field::input, prefix + "i", DType::int64, Shape{});
  B::value(body, of::graph_field::input, prefix + "c", DType::boolean, Shape{});
  B::value(body, of::graph_field::input, prefix + "v", DType::float32, Shape::unknown_rank());
  B::value(body, of::graph_field::output, prefix + "d", DType::boolean, Shape{});
  B::value(body, of::graph_field::output, prefix + "w", DType::float32, Shape::unknown_rank());
  B::node(body, "Identity", {prefix + "c"}, {prefix + "d"});
  if (!op.empty()) {
    MessageEdit& n = B::node(body, op, {prefix + "v", prefix + "v"}, {prefix + "w"});
    if (op == "Concat") B::attribute(n, "axis", 2).add_integer(of::attribute_field::i, 0);
  }
  return body;
}

TEST_CASE("ONNX: loops without end, in loops, and loops that grow end in a limit") {
  {
    B b;
    input(*b.graph);
    loop(*b.graph, "Add", "x", "y");
    output(*b.graph);
    CHECK(limited(end_of(b.bytes())));
  }
  {
    B b;  // each trip of the outer one is within the budget of the inner one
    input(*b.graph);
    MessageEdit& outer = loop(*b.graph, "", "x", "y");
    MessageEdit& inner = loop(outer, "Add", "v", "w", "in_");
    MessageEdit& trips = B::tensor(outer, "in_few", 7, {});
    trips.add_integer(of::tensor_field::int64_data, 4000);
    outer.all(of::graph_field::node).back()->message->set_texts(of::node_field::input, {"in_few", "", "v"});
    (void)inner;
    output(*b.graph);
    CHECK(limited(end_of(b.bytes())));
  }
  {
    B b;
    input(*b.graph);
    loop(*b.graph, "Concat", "x", "y");
    output(*b.graph);
    CHECK(limited(end_of(b.bytes())));
  }
  {
    B b;  // a sequence that grows by a tensor each trip
    B::value(*b.graph, of::graph_field::input, "x", DType::float32, Shape{1 << 19});
    B::attribute(B::node(*b.graph, "SequenceEmpty", {}, {"s"}), "dtype", 2).add_integer(of::attribute_field::i, 1);
    int64s(*b.graph, "trips", {std::int64_t{1} << 62}, true);
    MessageEdit& body = B::body(B::node(*b.graph, "Loop", {"trips", "", "s"}, {"t"}), "body");
    body.add_text(of::graph_field::name, "body");
    const auto sequence = [&](std::uint32_t where, const std::string& name) {
      MessageEdit& info = body.add_message(where);
      info.add_text(1, name);
      info.add_message(2).add_message(4).add_message(1).add_message(1).add_integer(1, 1);
    };
    B::value(body, of::graph_field::input, "i", DType::int64, Shape{});
    B::value(body, of::graph_field::input, "c", DType::boolean, Shape{});
    sequence(of::graph_field::input, "v");
    B::value(body, of::graph_field::output, "d", DType::boolean, Shape{});
    sequence(of::graph_field::output, "w");
    B::node(body, "Identity", {"c"}, {"d"});
    B::node(body, "SequenceInsert", {"v", "x"}, {"w"});
    B::node(*b.graph, "SequenceLength", {"t"}, {"y"});
    output(*b.graph, DType::int64);
    CHECK(limited(end_of(b.bytes())));
  }
}

}  // namespace
}  // namespace qgraph
