// arg_max and arg_min: the position of the extreme along an axis.
#pragma once

#include <cmath>

#include "ops/support/element.hpp"
#include "ops/support/rows.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {

struct ArgExtreme {
  DType output_type = DType::int32;
  bool keep_dims = false, last = false;
};
inline constexpr std::array arg_attributes{attr<&ArgExtreme::output_type>("output_type", "int32 or int64"),
                                           attr<&ArgExtreme::keep_dims>("keep_dims", "the axis stays, with size 1"),
                                           attr<&ArgExtreme::last>("last", "of equal elements the last, not the first")};

/// Constraint c1: one axis, int32 or int64, of the input's; c2: the axis is not empty; c3: output_type.
Result<Types> infer_arg(const InferContext& c, std::string_view op);

/// NaN is below everything: only where all are NaN is one chosen.
template <class T, bool maximum>
void run_arg(const KernelArgs& args) noexcept {
  const std::int64_t axis = integer_at(args.inputs[1].data, args.inputs[1].type->storage(), 0);
  if (!normalize_axis(axis, args.inputs[0].rank())) return args.control->fail("axis is outside of the input");
  const Rows rows(args.inputs[0].shape(), axis);
  if (rows.depth == 0) return args.control->fail("the extreme of nothing has no position");
  const bool last = args.attributes<ArgExtreme>().last, wide = args.outputs[0].type->storage() == DType::int64;
  const T* in = args.in<T>(0);
  std::int64_t row = 0;
  rows.each([&](std::int64_t first) {
    auto best = static_cast<Computed<T>>(in[first]);
    std::int64_t at = 0;
    for (std::int64_t c = 1; c < rows.depth; ++c) {
      const auto x = static_cast<Computed<T>>(in[first + c * rows.inner]);
      bool better = maximum ? x > best : x < best;
      if (last) better = better || x == best;
      if constexpr (std::is_floating_point_v<Computed<T>>) better = !std::isnan(x) && (better || std::isnan(best));
      if (better) {
        best = x;
        at = c;
      }
    }
    if (wide)
      args.out<std::int64_t>()[row] = at;
    else
      args.out<std::int32_t>()[row] = static_cast<std::int32_t>(at);
    ++row;
  });
}

template <bool maximum>
inline constexpr std::array arg_kernels{
    kernel(DType::float32, run_arg<float, maximum>),        kernel(DType::qint8, run_arg<std::int8_t, maximum>),
    kernel(DType::quint8, run_arg<std::uint8_t, maximum>),  kernel(DType::qint16, run_arg<std::int16_t, maximum>),
    kernel(DType::int8, run_arg<std::int8_t, maximum>),     kernel(DType::uint8, run_arg<std::uint8_t, maximum>),
    kernel(DType::int16, run_arg<std::int16_t, maximum>),   kernel(DType::int32, run_arg<std::int32_t, maximum>),
    kernel(DType::qint32, run_arg<std::int32_t, maximum>),  kernel(DType::int64, run_arg<std::int64_t, maximum>),
    kernel(DType::boolean, run_arg<std::uint8_t, maximum>), kernel(DType::float64, run_arg<double, maximum>),
    kernel(DType::float16, run_arg<Float16, maximum>),      kernel(DType::bfloat16, run_arg<BFloat16, maximum>),
    kernel(DType::uint16, run_arg<std::uint16_t, maximum>), kernel(DType::uint32, run_arg<std::uint32_t, maximum>),
    kernel(DType::uint64, run_arg<std::uint64_t, maximum>),
};

}  // namespace qgraph
