// Writes the form with "tensors": a line for each tensor and node, numbers so that they are read back as they were.
#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "formats/qgraph_json/constants.hpp"
#include "formats/qgraph_json/read.hpp"
#include "formats/stored_model.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

/// Constants of more elements than this are written as base64.
constexpr std::int64_t listed_elements = 64;

class Writer {
 public:
  std::string write(const StoredModel& m) {
    out_ = "{\n";
    out_ += "\"version\": 1,\n\"format\": " + quoted(m.format) + ",\n";
    graph(m.graphs[0]);
    if (m.graphs.size() > 1) {
      out_ += ",\n\"graphs\": [";
      for (std::size_t i = 1; i < m.graphs.size(); ++i) {
        out_ += i > 1 ? ",\n{" : "\n{";
        graph(m.graphs[i]);
        out_ += '}';
      }
      out_ += ']';
    }
    if (!m.signatures.empty()) {
      out_ += ",\n\"signatures\": ";
      lines(m.signatures, [this](const Signature& s) {
        out_ += "{\"name\": " + quoted(s.name) + fmt::format(", \"graph\": {}, \"inputs\": ", s.graph.value) + texts(s.inputs) +
                ", \"input_positions\": " + integers(s.input_positions) + ", \"outputs\": " + texts(s.outputs) +
                ", \"output_positions\": " + integers(s.output_positions) + "}";
      });
    }
    if (!m.variables.empty()) {
      out_ += ",\n\"variables\": ";
      lines(m.variables, [this](const Variable& v) { out_ += "{\"name\": " + quoted(v.name) + type(v.type) + "}"; });
    }
    if (!m.metadata.empty()) {
      out_ += ",\n\"metadata\": {";
      for (const auto& [key, value] : m.metadata) out_ += (out_.back() == '{' ? "" : ", ") + quoted(key) + ": " + quoted(value);
      out_ += '}';
    }
    out_ += "\n}\n";
    return std::move(out_);
  }

 private:
  template <class List, class Each>
  void lines(const List& list, Each each) {
    out_ += '[';
    bool first = true;
    for (const auto& item : list) {
      out_ += first ? "\n  " : ",\n  ";
      first = false;
      each(item);
    }
    out_ += ']';
  }

  /// A JSON string. Bytes that are no UTF-8 cannot stand in one: each becomes U+FFFD.
  static std::string quoted(std::string_view s) {
    std::string q = "\"";
    for (std::size_t i = 0; i < s.size();) {
      const auto c = static_cast<unsigned char>(s[i]);
      if (c == '"' || c == '\\')
        q += {'\\', s[i]};
      else if (c < 0x20)
        q += fmt::format("\\u{:04x}", c);
      else if (c < 0x80)
        q += s[i];
      else {
        const std::size_t length = utf8_length(s.substr(i));
        q += length ? s.substr(i, length) : std::string_view("\xEF\xBF\xBD");
        i += std::max<std::size_t>(length, 1);
        continue;
      }
      ++i;
    }
    return q + '"';
  }
  /// Of the sequence at the beginning; 0: it is none (Unicode 15, table 3-7).
  static std::size_t utf8_length(std::string_view s) {
    const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned c = byte(0);
    if (c >= 0xC2 && c <= 0xDF) return follows(1) ? 2 : 0;
    if (c >= 0xE0 && c <= 0xEF) {
      const bool fits = !(c == 0xE0 && byte(1) < 0xA0) && !(c == 0xED && byte(1) > 0x9F);
      return fits && follows(1) && follows(2) ? 3 : 0;
    }
    if (c < 0xF0 || c > 0xF4) return 0;
    const bool fits = !(c == 0xF0 && byte(1) < 0x90) && !(c == 0xF4 && byte(1) > 0x8F);
    return fits && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }

  template <class T>
  static std::string number(T x) {
    if (std::isnan(x)) return "\"nan\"";
    if (std::isinf(x)) return x > 0 ? "\"inf\"" : "\"-inf\"";
    char text[64];
    std::string s(text, std::to_chars(text, text + sizeof text, x).ptr);
    if constexpr (std::is_same_v<T, float>) {
      // The shortest text of a float is read as a double first: where rounding twice leads elsewhere, the double's digits stand.
      double read = 0;
      std::from_chars(s.data(), s.data() + s.size(), read);
      if (static_cast<float>(read) != x) return number(static_cast<double>(x));
    }
    if (s.find_first_of(".e") == std::string::npos) s += ".0";  // -0.0 and the difference to an integer survive
    return s;
  }
  template <class List>
  static std::string integers(const List& list) {
    return fmt::format("[{}]", fmt::join(list, ", "));
  }
  template <class List>
  static std::string numbers(const List& list) {
    std::string s = "[";
    for (const auto x : list) s += (s.size() > 1 ? ", " : "") + number(x);
    return s + "]";
  }
  static std::string texts(const std::vector<std::string>& list) {
    std::string s = "[";
    for (const std::string& t : list) s += (s.size() > 1 ? ", " : "") + quoted(t);
    return s + "]";
  }

  /// , "dtype": ..., "shape": ..., "quantization": ...
  static std::string type(const TensorType& t) {
    std::string s = fmt::format(", \"dtype\": \"{}\"", name(t.storage()));
    if (t.shape.ranked()) s += ", \"shape\": " + integers(t.shape.dims());
    const Quantization* q = t.quantization();
    if (!q) return s;
    s += ", \"quantization\": {\"scales\": " + numbers(q->scales);
    if (!q->zero_points.empty()) s += ", \"zero_points\": " + integers(q->zero_points);
    if (q->axis != -1) s += fmt::format(", \"axis\": {}", q->axis);
    if (q->block_size != 0) s += fmt::format(", \"block_size\": {}", q->block_size);
    return s + "}";
  }

  template <class T>
  static std::string listed(std::span<const std::byte> bytes, bool is_number) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      // The bits of a nan would not survive as text.
      for (const T x : values)
        if (std::isnan(x)) return {};
      return numbers(values);
    } else {
      std::vector<std::conditional_t<sizeof(T) == 1, int, T>> wide(values.begin(), values.end());
      return is_number ? integers(wide) : std::string{};
    }
  }
  static std::string data(const TensorType& t, const Buffer& data) {
    std::string list;
    if (t.shape.elements().value_or(listed_elements + 1) <= listed_elements) switch (t.storage()) {
        case DType::float32: list = listed<float>(data.bytes, true); break;
        case DType::float64: list = listed<double>(data.bytes, true); break;
        case DType::int8: list = listed<std::int8_t>(data.bytes, true); break;
        case DType::uint8: list = listed<std::uint8_t>(data.bytes, true); break;
        case DType::int16: list = listed<std::int16_t>(data.bytes, true); break;
        case DType::int32: list = listed<std::int32_t>(data.bytes, true); break;
        case DType::int64: list = listed<std::int64_t>(data.bytes, true); break;
        default: break;
      }
    return list.empty() ? "{\"base64\": \"" + base64(data.bytes) + "\"}" : list;
  }

  std::string tensor(const GraphTensor& t) {
    std::string s = "{\"name\": " + quoted(t.name) + type(t.type);
    if (t.state) s += ", \"state\": true";
    if (t.source_index != -1) s += fmt::format(", \"source_index\": {}", t.source_index);
    if (t.constant) s += ", \"data\": " + data(t.type, t.data);
    return s + "}";
  }

  std::string attribute(const AttributeValue& v) {
    if (const auto* i = std::get_if<std::int64_t>(&v)) return fmt::format("{}", *i);
    if (const auto* d = std::get_if<double>(&v)) return std::isfinite(*d) ? number(*d) : "{\"number\": " + number(*d) + "}";
    if (const auto* s = std::get_if<std::string>(&v)) return quoted(*s);
    if (const auto* i = std::get_if<std::vector<std::int64_t>>(&v)) return integers(*i);
    if (const auto* d = std::get_if<std::vector<double>>(&v)) return "{\"numbers\": " + numbers(*d) + "}";
    if (const auto* s = std::get_if<std::vector<std::string>>(&v)) return "{\"texts\": " + texts(*s) + "}";
    const Tensor& t = std::get<Tensor>(v);
    return "{\"tensor\": " + tensor({.type = t.type, .data = t.data, .constant = true}) + "}";
  }

  void node(const StoredNode& n) {
    out_ += "{\"op\": " + quoted(n.op) + ", \"name\": " + quoted(n.name) + ", \"inputs\": [";
    bool first = true;
    for (const std::uint32_t i : n.inputs) {
      out_ += (first ? "" : ", ") + (i == TensorId::none ? "null" : fmt::format("{}", i));
      first = false;
    }
    out_ += "], \"outputs\": " + integers(n.outputs);
    if (!n.bodies.empty()) out_ += ", \"bodies\": " + integers(n.bodies);
    if (n.attributes.size()) {
      out_ += ", \"attributes\": {";
      for (const auto& [key, value] : n.attributes)
        out_ += (out_.back() == '{' ? "" : ", ") + quoted(key) + ": " + attribute(value);
      out_ += '}';
    }
    if (n.source_index != -1) out_ += fmt::format(", \"source_index\": {}", n.source_index);
    out_ += '}';
  }

  void graph(const StoredGraph& g) {
    out_ += "\"name\": " + quoted(g.name) + ",\n\"inputs\": " + integers(g.inputs) + ",\n\"outputs\": " + integers(g.outputs) +
            ",\n\"tensors\": ";
    lines(g.tensors, [this](const GraphTensor& t) { out_ += tensor(t); });
    out_ += ",\n\"nodes\": ";
    lines(g.nodes, [this](const StoredNode& n) { node(n); });
  }

  std::string out_;
};

}  // namespace

Result<std::vector<std::byte>> write(const Model& model) {
  const auto stored = take_apart(model);
  if (!stored) return stored.error();
  const std::string text = Writer().write(*stored);
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace qgraph::formats::qgraph_json
