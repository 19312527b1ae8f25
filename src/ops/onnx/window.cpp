// window: ONNX's HannWindow, HammingWindow and BlackmanWindow: sums of cosines.
#include <cmath>
#include <numbers>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Form : std::uint8_t { hann, hamming, blackman };
constexpr std::string_view form_words[] = {"hann", "hamming", "blackman"};
constexpr std::span<const std::string_view> enum_words(Form) { return form_words; }

struct Window {
  Form form = Form::hann;
  bool periodic = true;
  DType to = DType::float32;
};
constexpr std::array attributes{
    attr<&Window::form>("form", "which cosines"),
    attr<&Window::periodic>("periodic", "one that is as long as the period; else the last element is the first"),
    attr<&Window::to>("to", "the result's dtype"),
};

Result<Types> infer(const InferContext& c) {
  const auto size = c.integers(0);
  if (size && (size->size() != 1 || !sensible_dim((*size)[0])))
    return constraint("window_c1", "the size is no number", Cause::data_out_of_range);
  if (!is_number(c.attributes<Window>().to))
    return constraint("window_c2", "windows are made of numbers", Cause::unsupported_dtype);
  return Types{TensorType(c.attributes<Window>().to, Shape{size ? (*size)[0] : Shape::dynamic})};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Window>();
  const std::int64_t n = args.outputs[0].elements();
  const double period = static_cast<double>(a.periodic ? n : n - 1);
  constexpr double cosines[3][3] = {{0.5, 0.5, 0}, {25.0 / 46.0, 21.0 / 46.0, 0}, {0.42, 0.5, 0.08}};
  const double* w = cosines[static_cast<std::size_t>(a.form)];
  with_number(a.to, [&]<class T>() {
    for (std::int64_t i = 0; i < n; ++i) {
      const double angle = period == 0 ? 0 : 2 * std::numbers::pi * static_cast<double>(i) / period;
      args.out<T>()[i] = T(static_cast<Computed<T>>(w[0] - w[1] * std::cos(angle) + w[2] * std::cos(2 * angle)));
    }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef window{
    .name = "onnx.window",
    .help = "A Hann, Hamming or Blackman window of the given size.",
    .inputs = "size",
    .attributes = attribute_table<Window>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
