// Registers of 16 floats.
#include "kernels/floats_avx512.hpp"
#include "kernels/rows_f32/tiles.hpp"

namespace qgraph::kernels {
namespace {

struct Tile : Sixteen {
  static constexpr int most_rows = 6, most_vectors = 4;
};

}  // namespace

constexpr RowsF32Kernel rows_f32_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, run<Tile>};

}  // namespace qgraph::kernels
