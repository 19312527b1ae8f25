// Registers of 8 floats.
#include "kernels/floats_avx2.hpp"
#include "kernels/rows_f32/tiles.hpp"

namespace qgraph::kernels {
namespace {

struct Tile : Eight {
  static constexpr int most_rows = 6, most_vectors = 1;
};

}  // namespace

constexpr RowsF32Kernel rows_f32_avx2{"avx2", Cpu::avx2, run<Tile>};

}  // namespace qgraph::kernels
