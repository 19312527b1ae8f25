// string_concat: ONNX's StringConcat: strings one behind the other, with broadcasting.
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (auto types = infer_binary(c, "string_concat", Meets::stored); !types) return types;  // string_concat_c1, c2
  for (std::size_t i : {0U, 1U})
    if (c.input(i).storage() != DType::string && c.input(i).storage() != DType::unknown)
      return constraint("string_concat_c3", "operands are " + std::string(name(c.input(i).storage())), Cause::unsupported_dtype);
  return Types{TensorType(DType::string, *broadcast(c.shape(0), c.shape(1)))};
}

void run(const KernelArgs& args) noexcept {
  const auto x = StringTensor::read({args.inputs[0].data, args.inputs[0].bytes}),
             y = StringTensor::read({args.inputs[1].data, args.inputs[1].bytes});
  if (!x || !y || x->size() != args.inputs[0].elements() || y->size() != args.inputs[1].elements())
    return args.control->fail("string_concat: an operand holds no packed strings of its shape");
  std::vector<std::string> texts;
  walk(args.prepared_as<Broadcast<2>>(), [&](std::int64_t size, const auto& at, const auto& strides) {
    for (std::int64_t i = 0; i < size; ++i)
      texts.push_back(std::string((*x)[at[0] + i * strides[0]]) + std::string((*y)[at[1] + i * strides[1]]));
  });
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto bytes = packed_bytes(views);
  if (!bytes) return args.control->fail("string_concat: the strings are too long", Cause::resource_limit);
  if (std::byte* out = args.control->resize(0, *args.outputs[0].type, *bytes)) pack_strings(views, out);
}

constexpr std::array kernels{kernel(DType::string, run, prepare_broadcast)};
}  // namespace

extern constexpr OpDef string_concat{
    .name = "onnx.string_concat",
    .help = "The string of x, then the string of y, with NumPy broadcasting.",
    .inputs = "x y",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
