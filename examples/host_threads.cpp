// A Session that works with the host's threads: a pool that several Sessions of the program share.
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "qgraph/qgraph.hpp"

namespace {

/// A queue of jobs and threads that take parts of the first one. Each run() may come from another thread.
class Pool final : public qgraph::ThreadPool {
 public:
  explicit Pool(int workers) : workers_(workers) {
    for (int worker = 1; worker < workers; ++worker) threads_.emplace_back([this, worker] { serve(worker); });
  }
  ~Pool() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int workers() const noexcept override { return workers_; }

  void run(int parts, Part part, const void* context) noexcept override {
    Job job{part, context, parts};
    std::unique_lock lock(mutex_);
    jobs_.push_back(&job);
    changed_.notify_all();
    while (job.next < job.parts) do_one(job, 0, lock);  // worker 0 is whoever calls run(): one thread per job
    changed_.wait(lock, [&] { return job.done == job.parts; });
  }

 private:
  struct Job {
    Part part;
    const void* context;
    int parts, next = 0, done = 0;
  };

  void do_one(Job& job, int worker, std::unique_lock<std::mutex>& lock) {
    const int i = job.next++;
    if (job.next == job.parts) std::erase(jobs_, &job);
    lock.unlock();
    job.part(job.context, i, worker);
    lock.lock();
    if (++job.done == job.parts) changed_.notify_all();
  }

  void serve(int worker) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      do_one(*jobs_.front(), worker, lock);
    }
  }

  int workers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job*> jobs_;  // that have parts nobody has taken
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: host_threads MODEL\n", stderr), 2;
  const qgraph::Model model = qgraph::load_graph(argv[1]);
  const auto pool = std::make_shared<Pool>(3);
  qgraph::Session shared(model, {.thread_pool = pool}), also(model, {.thread_pool = pool}), alone(model);
  qgraph::TensorType type = alone.input_type(0);
  for (std::int64_t& d : type.shape.mutable_dims()) d = d < 0 ? 1 : d;
  const qgraph::Tensor input(type, qgraph::Buffer::copy_of(std::vector<std::byte>(type.bytes().value(), std::byte{1})));

  const auto a = shared.run({input})[0].bytes, b = also.run({input})[0].bytes, c = alone.run({input})[0].bytes;
  const bool equal = std::memcmp(a.data(), c.data(), c.size()) == 0 && std::memcmp(b.data(), c.data(), c.size()) == 0;
  std::printf("%d threads and one: %s\n", shared.stats().threads, equal ? "the same bytes" : "different bytes");
  return equal ? 0 : 1;
}
