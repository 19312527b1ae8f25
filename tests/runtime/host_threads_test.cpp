// SessionOptions::thread_pool: hosts' threads in place of the Session's own, whatever they do with the parts.
#include <atomic>
#include <mutex>
#include <thread>

#include "runtime/graphs.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

/// Starts threads for every job, last parts first; counts.
class Starting final : public ThreadPool {
 public:
  explicit Starting(int workers) : workers_(workers) {}
  int workers() const noexcept override { return workers_; }
  void run(int parts, Part part, const void* context) noexcept override {
    ++jobs;
    std::atomic<int> left{parts};
    const auto work = [&](int worker) {
      for (int next = --left; next >= 0; next = --left) part(context, next, worker);
    };
    std::vector<std::thread> threads;
    for (int worker = 1; worker < workers_; ++worker) threads.emplace_back(work, worker);
    work(0);
    for (std::thread& thread : threads) thread.join();
  }
  std::atomic<int> jobs{0};

 private:
  int workers_;
};

/// Does everything itself, and says that it could do more.
class Idle final : public ThreadPool {
 public:
  int workers() const noexcept override { return 5; }
  void run(int parts, Part part, const void* context) noexcept override {
    for (int i = 0; i < parts; ++i) part(context, i, 4 - i % 5);
  }
};

class Of final : public ThreadPool {
 public:
  explicit Of(int workers) : workers_(workers) {}
  int workers() const noexcept override { return workers_; }
  void run(int, Part, const void*) noexcept override {}

 private:
  int workers_;
};

Model layers() {
  GraphBuilder g;
  const TensorType image{Quantized(DType::int8, 0.1F, 3), Shape{1, 40, 40, 24}},
      filter{Quantized(DType::int8, 0.01F), Shape{48, 3, 3, 24}}, taps{Quantized(DType::int8, 0.02F), Shape{1, 3, 3, 48}},
      out{Quantized(DType::int8, 1.5F, -3), Shape::unknown_rank()};
  const auto any = [&](const TensorType& type) {
    std::vector<std::byte> bytes(*type.bytes());
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>((i * 2654435761U) >> 13);
    return g.constant(type, Buffer::copy_of(bytes));
  };
  const Value x = g.input("x", image);
  const Value y = g.add("conv_2d", {x, any(filter)}, {{"padding", std::string("same")}}, {out});
  const Value z = g.add("depthwise_conv_2d", {y, any(taps)}, {{"padding", std::string("same")}}, {out});
  g.set_outputs({g.add("add", {y, z}, {}, {out})});
  return Model({.graphs = {g.finish().value()}});
}

Tensor input_of(const Model& model) {
  const TensorType& type = model.main()[model.main().inputs()[0]].type;
  std::vector<std::byte> bytes(*type.bytes());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>((i * 40503U) >> 5);
  return Tensor(type, Buffer::copy_of(bytes));
}

std::vector<std::byte> output_of(Session& session, const Tensor& input) {
  const auto bytes = session.run({input})[0].bytes;
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("a host's threads do what the Session's own do", "[runtime][threads]") {
  const Model model = layers();
  const Tensor input = input_of(model);
  Session alone(model);
  const auto expected = output_of(alone, input);
  const auto starting = std::make_shared<Starting>(3);
  for (const std::shared_ptr<ThreadPool>& pool :
       {std::shared_ptr<ThreadPool>(starting), std::shared_ptr<ThreadPool>(std::make_shared<Idle>())}) {
    Session session(model, {.threads = 2, .thread_pool = pool});
    CHECK(session.stats().threads == pool->workers());
    for (int run = 0; run < 3; ++run) CHECK(output_of(session, input) == expected);
  }
  CHECK(starting->jobs > 0);
}

TEST_CASE("Sessions that run at the same time share a pool", "[runtime][threads]") {
  const Model model = layers();
  const Tensor input = input_of(model);
  Session alone(model);
  const auto expected = output_of(alone, input);
  const auto pool = std::make_shared<Starting>(2);
  std::atomic<int> wrong{0};
  std::vector<std::thread> users;
  for (int user = 0; user < 3; ++user)
    users.emplace_back([&] {
      Session session(model, {.thread_pool = pool});
      for (int run = 0; run < 5; ++run)
        if (output_of(session, input) != expected) ++wrong;
    });
  for (std::thread& user : users) user.join();
  CHECK(wrong == 0);
}

TEST_CASE("a pool of one worker, and reference kernels, take no pool", "[runtime]") {
  const Model model = layers();
  Session one(model, {.thread_pool = std::make_shared<Of>(1)});
  CHECK(one.stats().threads == 1);
  CHECK_FALSE(output_of(one, input_of(model)).empty());
  Session reference(model, {.kernels = Kernels::reference, .thread_pool = std::make_shared<Of>(4)});
  CHECK(reference.stats().threads == 1);
}

TEST_CASE("numbers of threads have bounds", "[runtime]") {
  for (int workers : {0, -1, 1025}) {
    const auto session = Session::create(layers(), {.thread_pool = std::make_shared<Of>(workers)});
    REQUIRE_FALSE(session.ok());
    CHECK(session.error().diagnostics[0].headline ==
          "the host's pool has " + std::to_string(workers) + " workers: 1 to 1024 can be had");
    const auto own = Session::create(layers(), {.threads = workers});
    REQUIRE_FALSE(own.ok());
    CHECK(own.error().diagnostics[0].headline == std::to_string(workers) + " threads: 1 to 1024 can be had");
  }
}

}  // namespace
}  // namespace qgraph::test
