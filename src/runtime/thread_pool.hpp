// Threads of one Session that share the work of one op: split beforehand, no queues.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace qgraph::runtime {

/// A pool is for one caller at a time. The caller works too. Between jobs threads spin for some microseconds, then sleep.
class ThreadPool {
 public:
  explicit ThreadPool(int workers);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int workers() const noexcept { return workers_; }

  /// Calls f(worker) for each worker in [0, workers()), at once, and waits for all.
  template <class F>
  void run(const F& f) noexcept {
    start([](const void* context, int worker) noexcept { (*static_cast<const F*>(context))(worker); }, &f);
  }

 private:
  using Part = void (*)(const void* context, int worker) noexcept;
  void start(Part part, const void* context) noexcept;
  void serve(int worker) noexcept;

  int workers_;
  Part part_ = nullptr;
  const void* context_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> jobs_{0};
  alignas(64) std::atomic<int> unfinished_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_{};
};

/// The share of `count` that is this worker's: [begin, end).
struct Share {
  std::int64_t begin = 0, end = 0;
};
constexpr Share share(std::int64_t count, int worker, int workers) noexcept {
  return {count * worker / workers, count * (worker + 1) / workers};
}

/// f(worker, workers), on the pool's threads where there is a pool and the work is worth it, else once here.
template <class F>
void split_work(ThreadPool* pool, bool worth_it, const F& f) noexcept {
  if (!pool || !worth_it) return f(0, 1);
  pool->run([&](int worker) noexcept { f(worker, pool->workers()); });
}

}  // namespace qgraph::runtime
