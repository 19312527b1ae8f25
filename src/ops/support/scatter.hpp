// What ops that write updates at indices share: how an update meets what is there.
#pragma once

#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops {

enum class ScatterReduction : std::uint8_t { none, add, mul, max, min };
constexpr std::string_view scatter_reduction_words[] = {"none", "add", "mul", "max", "min"};
constexpr std::span<const std::string_view> enum_words(ScatterReduction) { return scatter_reduction_words; }

/// out[at, at + count) meets updates[from, from + count).
inline void scatter_run(const View& out, std::int64_t at, const View& updates, std::int64_t from, std::int64_t count,
                        ScatterReduction reduction) noexcept {
  if (reduction == ScatterReduction::none) return copy_run(updates.data, from, out.data, at, count, element_bits(out));
  with_number(out.type->storage(), [&]<class T>() {
    using C = Computed<T>;
    for (std::int64_t i = 0; i < count; ++i) {
      const auto x = static_cast<C>(out.as<T>()[at + i]), y = static_cast<C>(updates.as<T>()[from + i]);
      C result{};
      switch (reduction) {
        case ScatterReduction::max: result = y > x ? y : x; break;
        case ScatterReduction::min: result = y < x ? y : x; break;
        default:
          if constexpr (std::is_integral_v<C>)
            result = reduction == ScatterReduction::add ? wrapping_add(x, y) : wrapping_multiply(x, y);
          else
            result = reduction == ScatterReduction::add ? x + y : x * y;
      }
      out.as<T>()[at + i] = T(result);
    }
  });
}

/// PrepareFn: dtypes other than numbers are only moved.
template <class Attributes>
Result<std::shared_ptr<const void>> prepare_scatter(PrepareContext& c) {
  if (c.attributes<Attributes>().reduction != ScatterReduction::none) return prepare_number(c);
  return std::shared_ptr<const void>();
}

}  // namespace qgraph::ops
