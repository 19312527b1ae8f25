// hardmax: 1 at the first maximum along an axis, else 0.
#include "ops/support/rows.hpp"

namespace qgraph::ops {
namespace {

struct Hardmax {
  std::int64_t axis = -1;
};
constexpr std::array attributes{attr<&Hardmax::axis>("axis", "from the end where negative")};

// hardmax_c1: axis is one of the input's.
Result<Types> infer(const InferContext& c) { return infer_along_axis<Hardmax>(c, "hardmax_c1"); }

void run(const KernelArgs& args) noexcept {
  const float* in = args.in<float>(0);
  float* out = args.out<float>();
  std::fill_n(out, args.outputs[0].elements(), 0.0F);
  const Rows rows(args.inputs[0].shape(), args.attributes<Hardmax>().axis);
  rows.each([&](std::int64_t first) {
    std::int64_t most = 0;
    for (std::int64_t c = 1; c < rows.depth; ++c)
      if (in[first + c * rows.inner] > in[first + most * rows.inner]) most = c;
    out[first + most * rows.inner] = 1.0F;
  });
}

constexpr std::array kernels{kernel(DType::float32, run)};

}  // namespace

extern constexpr OpDef hardmax{.name = "hardmax",
                               .help = "1 at the first maximum along an axis, 0 elsewhere. ONNX's Hardmax.",
                               .attributes = attribute_table<Hardmax>(attributes),
                               .infer = &infer,
                               .reference = kernels};

}  // namespace qgraph::ops
