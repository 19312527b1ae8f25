// max_pool_with_indices: maxima of windows in up to three dimensions, and where in the whole input they lie.
#include "ops/support/pool.hpp"

namespace qgraph::ops {
namespace {

struct MaxPoolWithIndices : Pool3d {
  bool column_major = false;
};
constexpr std::array attributes = [] {
  std::array<AttrDef, pool_3d_attributes.size() + 1> all{};
  std::ranges::copy(pool_3d_attributes, all.begin());
  all.back() =
      attr<&MaxPoolWithIndices::column_major>("column_major", "indices count height before width (ONNX's storage_order 1)");
  return all;
}();

// max_pool_with_indices_c1: positive filter, stride and dilation; c2: rank 5; c3: a window fits. Channels first.
Result<Types> infer(const InferContext& c) {
  auto types = infer_pool<MaxPoolWithIndices>(c, "max_pool_with_indices");
  if (!types) return types;
  if (c.attributes<MaxPoolWithIndices>().layout != Layout::nchw)
    return constraint("max_pool_with_indices_c4", "indices are of channels first layouts", Cause::invalid_attribute);
  types->push_back(TensorType(DType::int64, (*types)[0].shape));
  return types;
}

Prepared prepare(PrepareContext& c) {
  return prepared(c, PoolGeometry(c.attributes<MaxPoolWithIndices>().parameters(), c.inputs[0].shape(), c.outputs[0].shape()));
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& g = args.prepared_as<PoolGeometry>();
  const bool column_major = args.attributes<MaxPoolWithIndices>().column_major;
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  std::int64_t* indices = args.out<std::int64_t>(1);
  const std::int64_t image = g.in[0] * g.in[1] * g.in[2];
  for (std::int64_t plane = 0, o = 0; plane < g.batch * g.channels; ++plane)
    for (std::int64_t z = 0; z < g.out[0]; ++z)
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; ++x, ++o) {
          const auto tz = g.taps(0, z), ty = g.taps(1, y), tx = g.taps(2, x);
          T most = std::numeric_limits<T>::lowest();
          std::int64_t at = -1;
          for (std::int64_t fz = tz.first; fz < tz.last; ++fz)
            for (std::int64_t fy = ty.first; fy < ty.last; ++fy)
              for (std::int64_t fx = tx.first; fx < tx.last; ++fx) {
                const std::int64_t iz = tz.origin + fz * g.dilation[0], iy = ty.origin + fy * g.dilation[1],
                                   ix = tx.origin + fx * g.dilation[2];
                const T value = in[plane * image + (iz * g.in[1] + iy) * g.in[2] + ix];
                if (at >= 0 && !(value > most)) continue;
                most = value;
                at = plane * image + (column_major ? (ix * g.in[1] + iy) * g.in[0] + iz : (iz * g.in[1] + iy) * g.in[2] + ix);
              }
          out[o] = most;
          indices[o] = at;
        }
}

constexpr std::array kernels{kernel(DType::float32, run<float>, prepare), kernel(DType::int8, run<std::int8_t>, prepare),
                             kernel(DType::uint8, run<std::uint8_t>, prepare)};

}  // namespace

extern constexpr OpDef max_pool_with_indices{
    .name = "max_pool_with_indices",
    .help =
        "The maximum of each window of [n,c,d,h,w], and its position in the flattened input. ONNX's MaxPool with two outputs.",
    .outputs = "output indices",
    .attributes = attribute_table<MaxPoolWithIndices>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
