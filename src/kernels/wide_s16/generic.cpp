// In portable C++: vectors that the compiler takes apart where there are none.
#include "kernels/wide_s16/rows.hpp"

namespace qgraph::kernels {

extern constexpr WideS16Kernel wide_s16_generic{"generic", Cpu::generic, split, finish};

}  // namespace qgraph::kernels
