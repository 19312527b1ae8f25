// Starting and waiting.
#include "runtime/thread_pool.hpp"

namespace qgraph::runtime {
namespace {

/// About 20 microseconds.
constexpr int spins = 2000;

void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int workers) : workers_(workers) {
  threads_.reserve(static_cast<std::size_t>(workers));
  for (int worker = 1; worker < workers; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  ++jobs_;
  jobs_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::start(Part part, const void* context) noexcept {
  part_ = part;
  context_ = context;
  unfinished_ = workers_ - 1;
  ++jobs_;
  if (sleepers_ > 0) jobs_.notify_all();
  part(context, 0);
  for (int spin = 0; unfinished_ > 0; ++spin) spin < spins ? pause() : std::this_thread::yield();
}

void ThreadPool::serve(int worker) noexcept {
  for (std::uint32_t done = 0;; ++done) {
    for (int spin = 0; jobs_ == done && spin < spins; ++spin) pause();
    if (jobs_ == done) {
      ++sleepers_;
      jobs_.wait(done);
      --sleepers_;
    }
    if (stopping_) return;
    part_(context_, worker);
    --unfinished_;
  }
}

}  // namespace qgraph::runtime
