// Every operator new of the test program, counted; and what the count proves of Sessions.
#include "runtime/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/graphs.hpp"
#include "support/catch.hpp"

namespace {
std::atomic<std::uint64_t> count{0};

void* counted(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes > std::size_t{1} << 40) return nullptr;  // the rounding below would overflow
  count.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* p = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  return p;
}

void* counted_or_throw(std::size_t bytes, std::size_t alignment) {
  void* p = counted(bytes, alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

// GCC does not see through the pair.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

void* operator new(std::size_t bytes) { return counted_or_throw(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted_or_throw(bytes, static_cast<std::size_t>(alignment));
}
// The sanitizers' own would not fit the deletes below.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace qgraph::test {

std::uint64_t allocations() noexcept { return count.load(std::memory_order_relaxed); }

namespace {

std::uint64_t allocations_of_run(Session& session, std::span<const Tensor> inputs) {
  const std::uint64_t before = allocations();
  const bool done = session.try_run(inputs).ok();
  const std::uint64_t after = allocations();
  CHECK(done);
  return after - before;
}

TEST_CASE("the counter counts", "[runtime]") {
  const std::uint64_t before = allocations();
  const auto p = std::make_unique<int>(1);
  CHECK(allocations() == before + 1);
  CHECK(*p == 1);
}

TEST_CASE("runs after the first allocate nothing", "[runtime]") {
  SECTION("a chain") {
    Session session(chain_model(5));
    const std::vector<Tensor> inputs{floats({4}, {1, 2, 3, 4})};
    CHECK(allocations_of_run(session, inputs) > 0);
    for (int i = 0; i < 3; ++i) CHECK(allocations_of_run(session, inputs) == 0);
  }
  SECTION("a loop, its condition and its body") {
    Session session(loop_model());
    const std::vector<Tensor> inputs{floats({1}, {5}), floats({3}, {1, 2, 3})};
    CHECK(allocations_of_run(session, inputs) > 0);
    for (int i = 0; i < 3; ++i) CHECK(allocations_of_run(session, inputs) == 0);
  }
  SECTION("state, variables and calls") {
    Session session(variable_model());
    const std::vector<Tensor> inputs{floats({2}, {1, 2})};
    CHECK(allocations_of_run(session, inputs) > 0);
    for (int i = 0; i < 3; ++i) CHECK(allocations_of_run(session, inputs) == 0);
  }
  SECTION("back to shapes that were seen before") {
    Session session(chain_model(5, Shape::dynamic));
    const std::vector<Tensor> small{floats({1}, {1})}, large{floats({3}, {1, 2, 3})};
    CHECK(allocations_of_run(session, small) > 0);
    CHECK(allocations_of_run(session, large) > 0);
    for (int i = 0; i < 3; ++i) {
      CHECK(allocations_of_run(session, small) == 0);
      CHECK(allocations_of_run(session, large) == 0);
    }
  }
}

}  // namespace
}  // namespace qgraph::test
