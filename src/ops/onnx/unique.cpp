// unique: ONNX's Unique: distinct elements, or slices along an axis, sorted or in order of appearance; where each is first, which
// each element is, and how often there is one.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Unique {
  std::int64_t axis = 0;
  bool flat = false, sorted = true;
};
constexpr std::array attributes{
    attr<&Unique::axis>("axis", "slices along it are compared; negative: from the end"),
    attr<&Unique::flat>("flat", "single elements are compared, whatever the shape"),
    attr<&Unique::sorted>("sorted", "in rising order, else as they appear"),
};

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Unique>();
  Shape out{Shape::dynamic};
  if (!a.flat) {
    out = c.shape(0);
    if (out.ranked()) {
      const auto axis = normalize_axis(a.axis, out.rank());
      if (!axis) return constraint("unique_c1", "the axis is outside of " + out.to_string(), Cause::invalid_attribute);
      out[*axis] = Shape::dynamic;
    }
  }
  auto values = moved_type(c, "unique_c2", 0, 0, std::move(out));
  if (!values) return std::move(values).error();
  const TensorType positions(DType::int64, Shape{Shape::dynamic});
  return Types{*std::move(values), positions, positions, positions};
}

/// Slices along the axis: slice k's elements are at (o * size + k) * inner + i.
struct Slices {
  std::int64_t outer = 1, size = 0, inner = 1;
  template <class F>
  void each(std::int64_t k, F f) const {
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t i = 0; i < inner; ++i)
        if (!f((o * size + k) * inner + i)) return;
  }
};
Slices slices_of(const Unique& a, const View& in) noexcept {
  if (a.flat) return {1, in.elements(), 1};
  const std::size_t axis = *normalize_axis(a.axis, in.rank());
  return {product(in.shape(), 0, axis), in.dim(axis), product(in.shape(), axis + 1, in.rank())};
}

/// The distinct slices by `compare(element, element)` < 0: first positions, and for each slice which one it is.
struct Found {
  std::vector<std::int64_t> first{}, which{}, count{};
};
template <class Compare>
Found find(const Slices& s, bool sorted, Compare compare) {
  const auto order_of = [&](std::int64_t a, std::int64_t b) {
    int order = 0;
    s.each(a, [&](std::int64_t x) { return (order = compare(x, x + (b - a) * s.inner)) == 0; });
    return order;
  };
  std::vector<std::int64_t> order(static_cast<std::size_t>(s.size));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return order_of(a, b) < 0; });
  Found f;
  f.which.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || order_of(order[i - 1], order[i]) != 0) {
      f.first.push_back(order[i]);
      f.count.push_back(0);
    }
    f.which[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(f.first.size()) - 1;
    ++f.count.back();
  }
  if (sorted) return f;
  std::vector<std::size_t> by_appearance(f.first.size());
  std::iota(by_appearance.begin(), by_appearance.end(), std::size_t{0});
  std::ranges::sort(by_appearance, {}, [&](std::size_t i) { return f.first[i]; });
  Found g{.which = std::move(f.which)};
  std::vector<std::int64_t> place(f.first.size());
  for (std::size_t i : by_appearance) {
    place[i] = static_cast<std::int64_t>(g.first.size());
    g.first.push_back(f.first[i]);
    g.count.push_back(f.count[i]);
  }
  for (std::int64_t& w : g.which) w = place[static_cast<std::size_t>(w)];
  return g;
}

bool put(const KernelArgs& args, std::size_t o, const std::vector<std::int64_t>& values) noexcept {
  if (o >= args.outputs.size() || !args.outputs[o]) return true;
  const std::size_t bytes = values.size() * sizeof(std::int64_t);
  std::byte* out = args.control->resize(o, TensorType(DType::int64, Shape{static_cast<std::int64_t>(values.size())}), bytes);
  if (out && bytes > 0) std::memcpy(out, values.data(), bytes);
  return out != nullptr;
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const auto& a = args.attributes<Unique>();
  const Slices s = slices_of(a, in);
  TensorType type = *args.outputs[0].type;
  if (!a.flat) type.shape = in.shape();
  const auto shaped = [&](const Found& f) {
    const auto n = static_cast<std::int64_t>(f.first.size());
    if (a.flat)
      type.shape = Shape{n};
    else
      type.shape[*normalize_axis(a.axis, in.rank())] = n;
    return put(args, 1, f.first) && put(args, 2, f.which) && put(args, 3, f.count);
  };
  if (in.type->storage() == DType::string) {
    const auto strings = StringTensor::read({in.data, in.bytes});
    if (!strings || strings->size() != in.elements()) return args.control->fail("unique: the input holds no packed strings");
    const Found f = find(s, a.sorted, [&](std::int64_t x, std::int64_t y) { return (*strings)[x].compare((*strings)[y]); });
    std::vector<std::string_view> kept;
    for (std::int64_t o = 0; o < s.outer; ++o)
      for (std::int64_t k : f.first)
        for (std::int64_t i = 0; i < s.inner; ++i) kept.push_back((*strings)[(o * s.size + k) * s.inner + i]);
    const auto bytes = packed_bytes(kept);
    if (!shaped(f) || !bytes) return;
    if (std::byte* out = args.control->resize(0, type, *bytes)) pack_strings(kept, out);
    return;
  }
  const auto numbers = [&]<class T>() {
    const T* x = in.as<T>();
    const auto less = [](T p, T q) {  // NaN behind every number
      const auto a1 = static_cast<Computed<T>>(p), b1 = static_cast<Computed<T>>(q);
      return a1 < b1 || (a1 == a1 && b1 != b1);
    };
    const Found f = find(s, a.sorted, [&](std::int64_t i, std::int64_t j) {
      return less(x[i], x[j]) ? -1 : less(x[j], x[i]) ? 1 : 0;
    });
    if (!shaped(f)) return;
    auto* out = reinterpret_cast<T*>(
        args.control->resize(0, type, f.first.size() * static_cast<std::size_t>(s.outer * s.inner) * sizeof(T)));
    if (!out) return;
    for (std::int64_t o = 0; o < s.outer; ++o)
      for (std::int64_t k : f.first)
        for (std::int64_t i = 0; i < s.inner; ++i) *out++ = x[(o * s.size + k) * s.inner + i];
  };
  if (in.type->storage() == DType::boolean)
    numbers.template operator()<std::uint8_t>();
  else
    with_number(in.type->storage(), numbers);
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const DType dtype = c.inputs[0].type->storage();
  if (dtype == DType::string || dtype == DType::boolean) return std::shared_ptr<const void>();
  return prepare_number(c);
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};
}  // namespace

extern constexpr OpDef unique{
    .name = "onnx.unique",
    .help =
        "Distinct elements, or slices along an axis; the first position of each; which one each is; how many there are of it.",
    .outputs = "values indices? inverse? counts?",
    .attributes = attribute_table<Unique>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
