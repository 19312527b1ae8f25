// The pool: every part of every job once, with more threads than processors and jobs that follow at once or after a pause.
#include "runtime/thread_pool.hpp"

#include <chrono>
#include <thread>

#include "support/catch.hpp"

namespace qgraph::test {
namespace {

TEST_CASE("each part is done once, and its job waits for it", "[runtime][threads]") {
  for (int workers : {1, 2, 3, 7}) {
    runtime::OwnThreadPool pool(workers);
    std::vector<int> done;  // no atomics: a part done twice, or after the job, is a race that the thread sanitizer finds
    for (int job = 0; job < 2000; ++job) {
      const int parts = 1 + job % 23;
      done.assign(static_cast<std::size_t>(parts), 0);
      int least = 1000, most = -1;
      std::atomic<int> strangers{0};
      runtime::run_parts(pool, parts, [&](int part, int worker) noexcept {
        ++done[static_cast<std::size_t>(part)];
        if (worker < 0 || worker >= workers) ++strangers;
      });
      for (int count : done) {
        least = std::min(least, count);
        most = std::max(most, count);
      }
      REQUIRE(least == 1);
      REQUIRE(most == 1);
      REQUIRE(strangers == 0);
      if (job % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // threads go to sleep
    }
  }
}

TEST_CASE("a pool makes do with the threads that there are", "[runtime][threads]") {
  static int left = 0;
  const auto scarce = [](Thread& thread, Thread::Routine routine, void* context) noexcept {
    return left-- > 0 && start_thread(thread, routine, context);
  };
  for (int available : {0, 1, 3}) {
    left = available;
    runtime::OwnThreadPool pool(8, scarce);
    CHECK(pool.workers() == 1 + available);
    std::vector<int> done(100, 0);
    std::atomic<int> strangers{0};
    for (int job = 0; job < 50; ++job)
      runtime::run_parts(pool, 100, [&](int part, int worker) noexcept {
        ++done[static_cast<std::size_t>(part)];
        if (worker < 0 || worker > available) ++strangers;
      });
    CHECK(done == std::vector<int>(100, 50));
    CHECK(strangers == 0);
  }
}

TEST_CASE("shares are all there is, in order", "[runtime]") {
  for (std::int64_t count : {0, 1, 5, 64, 1001})
    for (int parts : {1, 2, 3, 7, 28}) {
      std::int64_t next = 0;
      for (int part = 0; part < parts; ++part) {
        const runtime::Share mine = runtime::share(count, part, parts);
        CHECK(mine.begin == next);
        CHECK(mine.end >= mine.begin);
        next = mine.end;
      }
      CHECK(next == count);
    }
}

}  // namespace
}  // namespace qgraph::test
