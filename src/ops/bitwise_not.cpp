// Every bit the other way.
#include "ops/op_def.hpp"
#include "ops/support/unary.hpp"

namespace qgraph::ops {
namespace {

struct Complement {
  template <class T>
  T operator()(T x) const noexcept {
    return static_cast<T>(~x);
  }
};

constexpr auto kernels = unary_rows<Complement, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t,
                                    std::uint16_t, std::uint32_t, std::uint64_t>();

}  // namespace

extern constexpr OpDef bitwise_not{.name = "bitwise_not", .help = "~x of integers.", .infer = &infer_unary, .reference = kernels};

}  // namespace qgraph::ops
