// string_split: ONNX's StringSplit: strings cut at a delimiter, or at runs of blanks, filled up with empty ones; how many each
// gave.
#include <algorithm>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops::onnx {
namespace {

struct StringSplit {
  std::string delimiter{};
  std::int64_t maxsplit = -1;
};
constexpr std::array attributes{
    attr<&StringSplit::delimiter>("delimiter", "empty: runs of blanks, which are dropped at both ends"),
    attr<&StringSplit::maxsplit>("maxsplit", "how often a string is cut at most; negative: at every delimiter"),
};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (c.input(0).storage() != DType::string && c.input(0).storage() != DType::unknown)
    return constraint("string_split_c1", "the input is " + std::string(name(c.input(0).storage())), Cause::unsupported_dtype);
  Shape parts = in;
  if (in.ranked()) parts.mutable_dims().push_back(Shape::dynamic);
  return Types{TensorType(DType::string, std::move(parts)), TensorType(DType::int64, in)};
}

std::vector<std::string_view> cut(std::string_view text, const StringSplit& a) {
  std::vector<std::string_view> parts;
  const auto limit = [&] { return a.maxsplit >= 0 && static_cast<std::int64_t>(parts.size()) >= a.maxsplit; };
  if (a.delimiter.empty()) {
    constexpr std::string_view blanks = " \t\n\r\v\f";
    for (std::size_t at = text.find_first_not_of(blanks); at != std::string_view::npos; at = text.find_first_not_of(blanks)) {
      text.remove_prefix(at);
      if (limit()) {
        parts.push_back(text);
        break;
      }
      const std::size_t end = text.find_first_of(blanks);
      parts.push_back(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end);
    }
    return parts;
  }
  for (;;) {
    const std::size_t at = limit() ? std::string_view::npos : text.find(a.delimiter);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + a.delimiter.size());
  }
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const auto strings = StringTensor::read({in.data, in.bytes});
  if (!strings || strings->size() != in.elements()) return args.control->fail("string_split: the input holds no packed strings");
  std::vector<std::vector<std::string_view>> all;
  std::size_t widest = 0;
  for (std::int64_t i = 0; i < strings->size(); ++i) {
    // An empty string cut at a delimiter is one empty part, of which ONNX counts none.
    all.push_back((*strings)[i].empty() ? std::vector<std::string_view>() : cut((*strings)[i], args.attributes<StringSplit>()));
    widest = std::max(widest, all.back().size());
  }
  if (args.outputs.size() > 1 && args.outputs[1])
    for (std::size_t i = 0; i < all.size(); ++i) args.out<std::int64_t>(1)[i] = static_cast<std::int64_t>(all[i].size());
  if (!args.outputs[0]) return;
  std::vector<std::string_view> flat;
  for (auto& parts : all) {
    parts.resize(widest);
    flat.insert(flat.end(), parts.begin(), parts.end());
  }
  TensorType type(DType::string, in.shape());
  type.shape.mutable_dims().push_back(static_cast<std::int64_t>(widest));
  const auto bytes = packed_bytes(flat);
  if (!bytes) return args.control->fail("string_split: the strings are too long", Cause::resource_limit);
  if (std::byte* out = args.control->resize(0, type, *bytes)) pack_strings(flat, out);
}

constexpr std::array kernels{kernel(DType::string, run)};
}  // namespace

extern constexpr OpDef string_split{
    .name = "onnx.string_split",
    .help = "Strings cut at a delimiter along a new last dimension, and the number of parts of each.",
    .outputs = "parts counts?",
    .attributes = attribute_table<StringSplit>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
