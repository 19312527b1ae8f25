// eye_like: ONNX's EyeLike: ones on a diagonal, of the input's shape.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

struct EyeLike {
  std::int64_t k = 0;
  DType to = DType::unknown;
};
constexpr std::array attributes{
    attr<&EyeLike::k>("k", "which diagonal; positive: above the main one"),
    attr<&EyeLike::to>("to", "the result's dtype; by default the input's"),
};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (in.ranked() && in.rank() != 2) return constraint("eye_like_c1", "the input " + in.to_string() + " is no matrix");
  const DType to = c.attributes<EyeLike>().to;
  return Types{TensorType(to == DType::unknown ? c.input(0).storage() : to, in)};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const DType to = c.outputs[0].type->storage();
  if (to != DType::boolean && !is_number(to))
    return failure("QG2102", Cause::unsupported_dtype, "there is no kernel for " + std::string(name(to)));
  return std::shared_ptr<const void>();
}

void run(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  std::memset(out.data, 0, out.bytes);
  const std::int64_t k = args.attributes<EyeLike>().k, columns = out.dim(1);
  const auto mark = [&]<class T>() {
    for (std::int64_t row = 0; row < out.dim(0); ++row)
      if (k > -out.dim(0) && k < columns && row + k >= 0 && row + k < columns) out.as<T>()[row * columns + row + k] = T(1);
  };
  if (out.type->storage() == DType::boolean)
    mark.template operator()<std::uint8_t>();
  else
    with_number(out.type->storage(), mark);
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};
}  // namespace

extern constexpr OpDef eye_like{
    .name = "onnx.eye_like",
    .help = "A matrix of the input's shape with ones on a diagonal and zeros elsewhere.",
    .attributes = attribute_table<EyeLike>(attributes),
    .infer = &infer,
    .reference = kernels,
    .reads_shapes_only = true,
};

}  // namespace qgraph::ops::onnx
