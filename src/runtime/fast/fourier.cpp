// rfft_2d of lines: several at once. Images are left to the reference kernel.
#include "ops/support/fourier.hpp"

#include "kernels/fourier_f64/fourier_f64.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

struct Lines {
  std::shared_ptr<const void> tables{};
  kernels::FourierLines lines{};  ///< of all lines; its pointers to data are not set
  const kernels::FourierKernel* kernel = nullptr;
  std::int64_t count = 0, groups = 0, height = 0;
  std::size_t work_bytes = 0;  ///< of a worker
  ThreadPool* threads = nullptr;
  int parts = 1;
};

void run(const KernelArgs& args) noexcept {
  const auto& l = args.prepared_as<Lines>();
  split_work(l.threads, l.parts, [&](int part, int parts, int worker) noexcept {
    const Share mine = share(l.groups, part, parts);
    for (std::int64_t group = mine.begin; group < mine.end; ++group) {
      const std::int64_t first = group * l.kernel->lanes;
      kernels::FourierLines some = l.lines;
      some.in = args.in<float>(0) + first * some.in_step;
      some.out = args.out<float>() + first * some.out_step;
      some.lines = static_cast<int>(std::min<std::int64_t>(l.count - first, l.kernel->lanes));
      l.kernel->run(some, args.scratch + static_cast<std::size_t>(worker) * l.work_bytes);
    }
  });
}

}  // namespace

bool fast_fourier(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::FourierKernel* kernel = kernels::fourier_f64(candidate.execution.cpu);
  const View &in = context.inputs[0], &out = context.outputs[0];
  const auto& tables = *static_cast<const PreparedRfft2d*>(prepared.data.get());
  if (!kernel || !context.constant(1) || tables.height != 1 || tables.width < 2 || out.elements() == 0) return false;
  const std::int64_t in_height = in.dim(in.rank() - 2), in_width = in.dim(in.rank() - 1), points = tables.width / 2;
  if (in_height < 1) return false;
  auto made = std::make_shared<Lines>();
  made->lines = {.tables = tables.rows.tables(),
                 .in_step = in_height * in_width,
                 .given = std::min(in_width, tables.width),
                 .out_step = 2 * (points + 1)};
  made->kernel = kernel;
  made->count = out.elements() / (points + 1);
  made->groups = (made->count + kernel->lanes - 1) / kernel->lanes;
  made->work_bytes = static_cast<std::size_t>(2 * points * kernel->lanes) * sizeof(double);
  made->work_bytes = (made->work_bytes + 63) / 64 * 64;
  made->threads = candidate.execution.threads;
  made->parts = parts_of(made->threads, made->groups);
  const int workers = made->threads ? made->threads->workers() : 1;
  prepared.run = run;
  prepared.scratch_bytes = static_cast<std::size_t>(workers) * made->work_bytes;
  prepared.prepared_bytes += sizeof(Lines);
  prepared.kernel = "fourier_f64";
  prepared.instructions = kernel->name;
  made->tables = std::move(prepared.data);
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
