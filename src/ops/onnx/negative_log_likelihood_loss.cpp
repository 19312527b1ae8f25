// negative_log_likelihood_loss: ONNX's NegativeLogLikelihoodLoss: minus the input at each place's target class, weighted.
#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

enum class Over : std::uint8_t { mean, sum, none };
constexpr std::string_view over_words[] = {"mean", "sum", "none"};
constexpr std::span<const std::string_view> enum_words(Over) { return over_words; }

struct Loss {
  Over reduction = Over::mean;
  std::int64_t ignore_index = 0;
  bool ignores = false;
};
constexpr std::array attributes{
    attr<&Loss::reduction>("reduction", "the weighted mean, the sum, or every place's loss"),
    attr<&Loss::ignore_index>("ignore_index", "the class that does not count, where `ignores`"),
    attr<&Loss::ignores>("ignores", "ignore_index is meant"),
};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &target = c.shape(1);
  if (in.ranked() && target.ranked()) {
    bool fits = in.rank() >= 2 && target.rank() + 1 == in.rank();
    for (std::size_t d = 0; fits && d < target.rank(); ++d) {
      const std::int64_t size = in[d == 0 ? 0 : d + 1];
      fits = size < 0 || target[d] < 0 || size == target[d];
    }
    if (!fits)
      return constraint("negative_log_likelihood_loss_c1",
                        "targets " + target.to_string() + " do not fit the input " + in.to_string());
  }
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("negative_log_likelihood_loss_c2", "targets are " + std::string(name(c.input(1).storage())),
                      Cause::unsupported_dtype);
  if (c.has(2) && c.shape(2).is_static() && in.ranked() && in[1] >= 0 && c.shape(2) != Shape{in[1]})
    return constraint("negative_log_likelihood_loss_c3", "weights are not one for each class");
  return Types{TensorType(c.input(0).element, c.attributes<Loss>().reduction == Over::none ? target : Shape{})};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Loss>();
  const View &in = args.inputs[0], &target = args.inputs[1];
  const std::int64_t classes = in.dim(1), inner = product(in.shape(), 2, in.rank()), n = target.elements();
  const T* weights = args.has(2) ? args.in<T>(2) : nullptr;
  T sum{}, weight_sum{};
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t k = integer_at(target, i);
    const bool ignored = a.ignores && k == a.ignore_index;
    if (!ignored && k < 0) k += classes;
    if (!ignored && (k < 0 || k >= classes)) return fail_index(args, "negative_log_likelihood_loss", k, classes);
    const T weight = ignored ? T{0} : weights ? weights[k] : T{1};
    const T loss = ignored ? T{0} : -in.as<const T>()[(i / inner * classes + k) * inner + i % inner] * weight;
    if (a.reduction == Over::none) args.out<T>()[i] = loss;
    sum += loss;
    weight_sum += weight;
  }
  if (a.reduction != Over::none) *args.out<T>() = a.reduction == Over::mean ? sum / weight_sum : sum;
}

constexpr std::array kernels{kernel(DType::float32, run<float>), kernel(DType::float64, run<double>)};
}  // namespace

extern constexpr OpDef negative_log_likelihood_loss{
    .name = "onnx.negative_log_likelihood_loss",
    .help = "Minus the input (log probabilities, classes in dimension 1) at each place's target class, times the class's weight.",
    .inputs = "input target weights?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Loss>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
