// softmax, logistic, tanh and erf of floats.
#include "kernels/functions_f32/functions_f32.hpp"

#include <cmath>

#include "ops/infer.hpp"
#include "ops/softmax.hpp"
#include "ops/support/polynomials.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

using kernels::FunctionsF32Kernel;
constexpr std::int64_t elements_worth_splitting = 1 << 12;

/// Is the C library's expf known to be as exact as the kernels need it? glibc's is since 2.27.
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
constexpr bool exact_library = __GLIBC_PREREQ(2, 27);
#else
constexpr bool exact_library = false;
#endif

struct Function {
  kernels::FunctionFn run = nullptr;
  ThreadPool* threads = nullptr;
};
struct Softmax {
  kernels::SoftmaxRows rows{};
  kernels::SoftmaxFn run = nullptr;
  ThreadPool* threads = nullptr;
};

void run_function(const KernelArgs& args) noexcept {
  const auto& f = args.prepared_as<Function>();
  const std::int64_t n = args.outputs[0].elements();
  split_work(f.threads, parts_of(f.threads, n / elements_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    f.run(args.in<float>(0) + mine.begin, args.out<float>() + mine.begin, mine.end - mine.begin);
  });
}

void run_softmax(const KernelArgs& args) noexcept {
  const auto& s = args.prepared_as<Softmax>();
  const std::int64_t depth = s.rows.depth;
  split_work(s.threads, parts_of(s.threads, s.rows.rows * depth / elements_worth_splitting),
             [&](int part, int parts, int) noexcept {
               const Share mine = share(s.rows.rows, part, parts);
               kernels::SoftmaxRows rows = s.rows;
               rows.rows = mine.end - mine.begin;
               s.run(rows, args.in<float>(0) + mine.begin * depth, args.out<float>() + mine.begin * depth);
             });
}

const FunctionsF32Kernel* kernel_for(const Candidate& candidate) {
  const PrepareContext& context = candidate.context;
  if (context.inputs[0].type->dtype() != DType::float32 || context.outputs[0].elements() == 0) return nullptr;
  return kernels::functions_f32(candidate.execution.cpu);
}

bool take_over(const Candidate& candidate, kernels::FunctionFn FunctionsF32Kernel::*function, Prepared& prepared) {
  const FunctionsF32Kernel* kernel = kernel_for(candidate);
  if (!kernel || !(kernel->*function)) return false;
  prepared = {.run = run_function, .prepared_bytes = sizeof(Function), .kernel = "functions_f32", .instructions = kernel->name};
  prepared.data = std::make_shared<Function>(Function{kernel->*function, candidate.execution.threads});
  return true;
}

bool polynomial(const Candidate& candidate) { return candidate.context.attributes<polynomials::Polynomial>().polynomial; }

}  // namespace

bool fast_logistic(const Candidate& candidate, Prepared& prepared) {
  if (polynomial(candidate)) return take_over(candidate, &FunctionsF32Kernel::logistic_polynomial, prepared);
  return exact_library && take_over(candidate, &FunctionsF32Kernel::logistic, prepared);
}
bool fast_tanh(const Candidate& candidate, Prepared& prepared) {
  return polynomial(candidate) && take_over(candidate, &FunctionsF32Kernel::tanh_polynomial, prepared);
}
bool fast_erf(const Candidate& candidate, Prepared& prepared) {
  return take_over(candidate, &FunctionsF32Kernel::erf_polynomial, prepared);
}

bool fast_softmax(const Candidate& candidate, Prepared& prepared) {
  const FunctionsF32Kernel* kernel = kernel_for(candidate);
  const View& in = candidate.context.inputs[0];
  const auto& a = candidate.context.attributes<ops::Softmax>();
  const auto axis = normalize_axis(a.axis, in.rank());
  if (!kernel || !axis || (!a.polynomial && !exact_library)) return false;
  for (std::size_t d = *axis + 1; d < in.rank(); ++d)
    if (in.dim(d) != 1) return false;
  const kernels::SoftmaxFn run = a.polynomial ? kernel->softmax_polynomial : kernel->softmax;
  if (!run) return false;
  const std::int64_t depth = in.dim(*axis);
  prepared = {.run = run_softmax, .prepared_bytes = sizeof(Softmax), .kernel = "functions_f32", .instructions = kernel->name};
  prepared.data = std::make_shared<Softmax>(Softmax{.rows = {.depth = depth, .rows = in.elements() / depth, .beta = a.beta},
                                                    .run = run,
                                                    .threads = candidate.execution.threads});
  return true;
}

}  // namespace qgraph::runtime
