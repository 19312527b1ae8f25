// range: start, start + delta, ... before limit. TensorFlow Lite's RANGE, which sums in the element's type.
#include <cmath>
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Range {
  bool multiply = false;
};
constexpr std::array attributes{
    attr<&Range::multiply>("multiply", "element i is start + i * delta (ONNX); else delta is added again and again")};

template <class T>
std::optional<T> scalar(const InferContext& c, std::size_t i) {
  if (i >= c.values.size() || !c.values[i] || c.values[i]->size() < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, c.values[i]->data(), sizeof(T));
  return value;
}

/// Number of elements; dynamic while an operand is unknown, nothing where delta is 0 or the number is beyond 31 bits.
template <class T>
std::optional<std::int64_t> length(const InferContext& c) {
  const auto start = scalar<T>(c, 0), limit = scalar<T>(c, 1), delta = scalar<T>(c, 2);
  if (!start || !limit || !delta) return Shape::dynamic;
  if (*delta == 0) return std::nullopt;
  if (*delta > 0 ? *start >= *limit : *start <= *limit) return 0;
  if constexpr (std::is_floating_point_v<T>) {
    const T n = std::ceil(std::abs((*limit - *start) / *delta));
    return n < T{2147483648} ? std::optional(static_cast<std::int64_t>(n)) : std::nullopt;
  } else {
    const auto distance = add_checked(*limit, *start == std::numeric_limits<T>::min() ? *start : -*start);
    if (!distance || *delta == std::numeric_limits<T>::min()) return std::nullopt;
    const std::int64_t n = std::abs(*distance) / std::abs(std::int64_t{*delta}) + (*distance % *delta != 0 ? 1 : 0);
    return sensible_dim(n) ? std::optional(n) : std::nullopt;
  }
}

Result<Types> infer(const InferContext& c) {
  const DType dtype = c.input(0).storage();
  for (std::size_t i : {0U, 1U, 2U}) {
    if (c.input(i).storage() != dtype && c.input(i).storage() != DType::unknown && dtype != DType::unknown)
      return constraint("range_c1", "start, limit and delta are of different dtypes", Cause::dtype_contradiction);
    if (const auto n = c.shape(i).elements(); c.shape(i).is_static() && n != 1)
      return constraint("range_c2", "start, limit and delta are scalars");
  }
  const auto n = dtype == DType::float32   ? length<float>(c)
                 : dtype == DType::float64 ? length<double>(c)
                 : dtype == DType::int64   ? length<std::int64_t>(c)
                 : dtype == DType::int32   ? length<std::int32_t>(c)
                                           : std::optional(Shape::dynamic);
  if (!n) return constraint("range_c3", "delta is 0, or the range too long", Cause::data_out_of_range);
  return moved(c, "range_c4", Shape{*n}, false);
}

template <class T>
void run(const KernelArgs& args) noexcept {
  T value = *args.in<const T>(0);
  const T delta = *args.in<const T>(2);
  T* out = args.out<T>();
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i) {
    out[i] = value;
    if constexpr (!std::is_integral_v<T>)
      if (args.attributes<Range>().multiply) {
        value = *args.in<const T>(0) + static_cast<T>(i + 1) * delta;
        continue;
      }
    if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(static_cast<std::make_unsigned_t<T>>(value) + static_cast<std::make_unsigned_t<T>>(delta));
    else
      value += delta;
  }
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>),
                             kernel(DType::int32, run<std::int32_t>), kernel(DType::int64, run<std::int64_t>)};
}  // namespace

extern constexpr OpDef range{
    .name = "range",
    .help = "start, start + delta, ... up to but without limit, in the element's type.",
    .inputs = "start limit delta",
    .attributes = attribute_table<Range>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
