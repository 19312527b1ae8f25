// Taking parts, and waiting.
#include "runtime/thread_pool.hpp"

#include <thread>

namespace qgraph::runtime {
namespace {

/// About 20 microseconds.
constexpr int spins = 1000;

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

}  // namespace

OwnThreadPool::OwnThreadPool(int workers, Starter starter) {
  threads_.reserve(static_cast<std::size_t>(std::max(workers, 1)));  // they are not to move: their threads know where they are
  for (int number = 1; number < workers; ++number) {
    Worker& worker = threads_.emplace_back(Worker{.pool = this, .number = number});
    const auto routine = [](void* context) noexcept {
      const Worker& self = *static_cast<const Worker*>(context);
      self.pool->serve(self.number);
    };
    if (starter(worker.thread, routine, &worker)) continue;
    threads_.pop_back();
    return;
  }
}

OwnThreadPool::~OwnThreadPool() {
  stopping_ = true;
  ++jobs_;
  jobs_.notify_all();
  for (Worker& worker : threads_) join_thread(worker.thread);
}

void OwnThreadPool::run(int parts, Part part, const void* context) noexcept {
  // No thread is inside of a part now: the last job's are all finished.
  const std::uint32_t job = jobs_ + 1;
  next_ = (std::uint64_t{job} << 32) | 0xFFFFFFFF;  // from here on nothing of the last job can be taken
  part_ = part;
  context_ = context;
  parts_ = static_cast<std::uint32_t>(parts);
  unfinished_ = static_cast<std::uint32_t>(parts);
  next_ = std::uint64_t{job} << 32;
  jobs_ = job;
  if (sleepers_ > 0) jobs_.notify_all();
  work(0);
  for (int spin = 0; unfinished_ > 0; ++spin) spin < spins ? pause() : std::this_thread::yield();
}

void OwnThreadPool::work(int worker) noexcept {
  for (std::uint64_t next = next_;;) {
    const Part part = part_;
    const void* context = context_;
    if (static_cast<std::uint32_t>(next) >= parts_) return;
    if (!next_.compare_exchange_weak(next, next + 1)) continue;
    part(context, static_cast<int>(static_cast<std::uint32_t>(next)), worker);
    --unfinished_;
    next = next_;
  }
}

void OwnThreadPool::serve(int worker) noexcept {
  for (std::uint32_t seen = 0;;) {
    for (int spin = 0; jobs_ == seen && spin < spins; ++spin) pause();
    if (jobs_ == seen) {
      ++sleepers_;
      jobs_.wait(seen);
      --sleepers_;
    }
    seen = jobs_;
    if (stopping_) return;
    work(worker);
  }
}

}  // namespace qgraph::runtime
