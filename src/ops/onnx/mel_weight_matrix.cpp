// mel_weight_matrix: ONNX's MelWeightMatrix: triangles that sum the bins of a spectrum to bands of the mel scale.
#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Mel {
  DType to = DType::float32;
};
constexpr std::array attributes{attr<&Mel::to>("to", "the result's dtype")};

Result<Types> infer(const InferContext& c) {
  const auto bands = c.integers(0), length = c.integers(1);
  if ((bands && (bands->size() != 1 || !sensible_dim((*bands)[0]))) ||
      (length && (length->size() != 1 || !sensible_dim((*length)[0]))))
    return constraint("mel_weight_matrix_c1", "bands and length of the spectrum are no numbers", Cause::data_out_of_range);
  if (!is_number(c.attributes<Mel>().to))
    return constraint("mel_weight_matrix_c2", "weights are numbers", Cause::unsupported_dtype);
  return Types{TensorType(c.attributes<Mel>().to,
                          Shape{length ? (*length)[0] / 2 + 1 : Shape::dynamic, bands ? (*bands)[0] : Shape::dynamic})};
}

double to_mel(double hertz) noexcept { return 2595 * std::log10(1 + hertz / 700); }
double to_hertz(double mel) noexcept { return 700 * (std::pow(10.0, mel / 2595) - 1); }

void run(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  const std::int64_t bins = out.dim(0), bands = out.dim(1), length = integer_at(args.inputs[1], 0),
                     rate = integer_at(args.inputs[2], 0);
  if (rate <= 0) return args.control->fail("mel_weight_matrix: the sample rate is not positive");
  const auto real = [&](std::size_t i) {
    return static_cast<double>(float_at(args.inputs[i].data, args.inputs[i].type->storage(), 0));
  };
  const double low = to_mel(real(3)), high = to_mel(real(4)), step = (high - low) / static_cast<double>(bands + 2);
  std::vector<std::int64_t> edges;
  for (std::int64_t i = 0; i < bands + 2; ++i) {
    const double bin =
        std::floor(static_cast<double>(length + 1) * to_hertz(low + static_cast<double>(i) * step) / static_cast<double>(rate));
    if (!(std::abs(bin) < 1e15)) return args.control->fail("mel_weight_matrix: a band's edge is no number");
    edges.push_back(static_cast<std::int64_t>(bin));
  }
  with_number(out.type->storage(), [&]<class T>() {
    std::fill_n(out.as<T>(), out.elements(), T{});
    const auto put = [&](std::int64_t bin, std::int64_t band, double weight) {
      if (bin >= 0 && bin < bins) out.as<T>()[bin * bands + band] = T(static_cast<Computed<T>>(weight));
    };
    for (std::int64_t band = 0; band < bands; ++band) {
      const auto at = static_cast<std::size_t>(band);
      const std::int64_t left = edges[at], middle = edges[at + 1], right = edges[at + 2];
      if (middle == left)
        put(middle, band, 1);
      else
        for (std::int64_t j = std::max<std::int64_t>(left, 0); j <= std::min(middle, bins); ++j)
          put(j, band, static_cast<double>(j - left) / static_cast<double>(middle - left));
      for (std::int64_t j = std::max<std::int64_t>(middle, 0); right > middle && j < std::min(right, bins); ++j)
        put(j, band, static_cast<double>(right - j) / static_cast<double>(right - middle));
    }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef mel_weight_matrix{
    .name = "onnx.mel_weight_matrix",
    .help = "The matrix [bins, bands] of triangular filters at equal distances on the mel scale between two frequencies.",
    .inputs = "num_mel_bins dft_length sample_rate lower_edge_hertz upper_edge_hertz",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Mel>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
