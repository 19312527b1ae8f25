// Threads of one Session that share the work of one op, cut into parts beforehand.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "core/thread.hpp"
#include "qgraph/thread_pool.hpp"

namespace qgraph::runtime {

/// The Session's own pool, for one caller at a time. The caller works too, and takes the parts of threads that do not get to run.
/// Between jobs threads spin for some microseconds, then sleep. Where a thread cannot be started there are fewer workers.
class OwnThreadPool final : public ThreadPool {
 public:
  using Starter = bool (*)(Thread& thread, Thread::Routine routine, void* context) noexcept;
  explicit OwnThreadPool(int workers, Starter starter = &start_thread);
  ~OwnThreadPool() override;

  int workers() const noexcept override { return static_cast<int>(threads_.size()) + 1; }
  void run(int parts, Part part, const void* context) noexcept override;

 private:
  struct Worker {
    OwnThreadPool* pool = nullptr;
    int number = 0;
    Thread thread{};
  };
  void work(int worker) noexcept;
  void serve(int worker) noexcept;

  // Of the job. Read before a part is taken; taking fails where the job has changed since.
  std::atomic<Part> part_{nullptr};
  std::atomic<const void*> context_{nullptr};
  std::atomic<std::uint32_t> parts_{0};
  alignas(64) std::atomic<std::uint64_t> next_{0};  ///< number of the job, and of its next part in the lower half
  alignas(64) std::atomic<std::uint32_t> jobs_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  alignas(64) std::atomic<std::uint32_t> unfinished_{0};
  std::vector<Worker> threads_{};
};

/// The share of `count` that is this part's: [begin, end).
struct Share {
  std::int64_t begin = 0, end = 0;
};
constexpr Share share(std::int64_t count, int part, int parts) noexcept {
  return {count * part / parts, count * (part + 1) / parts};
}

/// How many parts so much work is to be cut into; 1 without threads.
inline int parts_of(const ThreadPool* pool, std::int64_t worth) noexcept {
  return pool ? static_cast<int>(std::clamp<std::int64_t>(worth, 1, 4 * pool->workers())) : 1;
}

/// f(part, worker) for each part in [0, parts); worker in [0, pool.workers()).
template <class F>
void run_parts(ThreadPool& pool, int parts, const F& f) noexcept {
  pool.run(
      parts, [](const void* context, int part, int worker) noexcept { (*static_cast<const F*>(context))(part, worker); }, &f);
}

/// f(part, parts, worker)
template <class F>
void split_work(ThreadPool* pool, int parts, const F& f) noexcept {
  if (!pool || parts <= 1) return f(0, 1, 0);
  run_parts(*pool, parts, [&f, parts](int part, int worker) noexcept { f(part, parts, worker); });
}

}  // namespace qgraph::runtime
