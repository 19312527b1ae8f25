// onnx.max_unpool: maxima put back where max_pool_with_indices found them.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct MaxUnpool {
  std::vector<std::int64_t> kernel_shape{}, strides{}, pads{};
};
constexpr std::array attributes{attr<&MaxUnpool::kernel_shape>("kernel_shape", "windows of the pooling"),
                                attr<&MaxUnpool::strides>("strides", "between them; none: 1"),
                                attr<&MaxUnpool::pads>("pads", "around the pooled input, before all axes, then behind")};

/// The size that the attributes give: the smallest input of such a pooling.
std::optional<Shape> own_size(const MaxUnpool& a, const Shape& x) {
  if (!x.ranked() || x.rank() != a.kernel_shape.size() + 2) return std::nullopt;
  const std::size_t n = a.kernel_shape.size();
  Shape out = x;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t stride = a.strides.empty() ? 1 : i < a.strides.size() ? a.strides[i] : 1;
    const std::int64_t padding = a.pads.size() == 2 * n ? a.pads[i] + a.pads[n + i] : 0;
    if (x[i + 2] < 0) continue;
    out[i + 2] = (x[i + 2] - 1) * stride + a.kernel_shape[i] - padding;
    if (!sensible_dim(out[i + 2]) || stride > 0x7FFF'FFFF) return std::nullopt;
  }
  return out;
}

// max_unpool_c1: x [n,c,...] with as many axes as kernel_shape; c2: indices as x; c3: output_shape has x's rank.
Result<Types> infer(const InferContext& c) {
  const Shape& x = c.shape(0);
  if (!x.ranked()) return Types{TensorType(c.input(0).element, Shape::unknown_rank())};
  const auto own = own_size(c.attributes<MaxUnpool>(), x);
  if (!own)
    return constraint("max_unpool_c1", "kernel_shape, strides and pads do not fit " + x.to_string(), Cause::invalid_attribute);
  if (x.is_static() && c.shape(1).is_static() && c.shape(1) != x)
    return constraint("max_unpool_c2", "indices have another shape than the input");
  if (!c.has(2)) return Types{TensorType(c.input(0).element, *own)};
  const auto wanted = c.integers(2);
  if (!wanted) return Types{TensorType(c.input(0).element, open_shape(x.rank()))};
  if (wanted->size() != x.rank()) return constraint("max_unpool_c3", "output_shape has another rank than the input");
  for (std::int64_t d : *wanted)
    if (!sensible_dim(d)) return constraint("max_unpool_c3", "output_shape is out of range", Cause::data_out_of_range);
  return Types{TensorType(c.input(0).element, Shape(*wanted))};
}

/// Indices count in the size that the attributes give; output_shape only adds room.
void run(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  std::fill_n(args.out<float>(), out.elements(), 0.0F);
  const auto& a = args.attributes<MaxUnpool>();
  const Shape& x = args.inputs[0].shape();
  const std::size_t n = a.kernel_shape.size();
  std::array<std::int64_t, max_rank> size{};
  std::int64_t room = 1;
  for (std::size_t d = 0; d < x.rank(); ++d) {
    size[d] = x[d];
    if (d >= 2) {
      const std::size_t i = d - 2;
      const std::int64_t stride = i < a.strides.size() ? a.strides[i] : 1;
      size[d] = (x[d] - 1) * stride + a.kernel_shape[i] - (a.pads.size() == 2 * n ? a.pads[i] + a.pads[n + i] : 0);
    }
    room *= size[d];
  }
  for (std::int64_t k = 0; k < args.inputs[0].elements(); ++k) {
    std::int64_t index = args.in<std::int64_t>(1)[k], to = 0, step = 1;
    if (index < 0 || index >= room) return fail_index(args, "onnx.max_unpool", index, room);
    bool inside = true;
    for (std::size_t d = x.rank(); d-- > 0; index /= size[d]) {
      const std::int64_t at = index % size[d];
      inside = inside && at < out.dim(d);
      to += at * step;
      step *= out.dim(d);
    }
    if (inside) args.out<float>()[to] = args.in<float>(0)[k];
  }
}

constexpr std::array kernels{kernel(DType::float32, DType::int64, run)};

}  // namespace

extern constexpr OpDef max_unpool{.name = "onnx.max_unpool",
                                  .help = "Zeros but for the input's elements, which lie at their indices. ONNX's MaxUnpool.",
                                  .inputs = "input indices output_shape?",
                                  .attributes = attribute_table<MaxUnpool>(attributes),
                                  .infer = &infer,
                                  .reference = kernels};

}  // namespace qgraph::ops::onnx
