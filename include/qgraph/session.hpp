// Session: runs a Model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "qgraph/graph.hpp"
#include "qgraph/load.hpp"
#include "qgraph/thread_pool.hpp"

namespace qgraph {

enum class Kernels : std::uint8_t {
  fast,       ///< packed and SIMD where there is one, else reference
  reference,  ///< the definition of right
};

struct SessionOptions {
  int threads = 1;  ///< 1 to 1024, with that which runs the Session; fewer where the system gives no more (SessionStats)
  Kernels kernels = Kernels::fast;
  std::string signature{};  ///< name of a signature; empty: the main graph
  Budgets budgets{};
  std::shared_ptr<ThreadPool> thread_pool{};  ///< the host's threads, in place of `threads` of the Session's own
  bool profile = false;                       ///< take the time of every node; Session::profile()
  /// A file in which packed weights are kept: made where there is none, and used by later Sessions, also of other processes and
  /// models. One that is damaged or cannot be read or written changes nothing but the time to the first result. Empty: none.
  std::filesystem::path packed_weights_cache{};
};

struct SessionStats {
  std::uint64_t arena_bytes = 0;   ///< activations
  std::uint64_t packed_bytes = 0;  ///< what kernels prepared: packed weights, tables, multipliers
  std::uint64_t cached_bytes = 0;  ///< of these: taken from SessionOptions::packed_weights_cache
  int threads = 1;                 ///< that share the work of an op
};

/// What a node did in the last run.
struct NodeProfile {
  GraphId graph{};
  std::uint32_t node = 0;           ///< position among the nodes that are run: some of the graph's may be joined
  std::string_view op{};            ///< views are valid as long as the Session
  std::string_view name{};          ///< of the node or, where it has none, of its first output
  std::string_view kernel{};        ///< "reference", "host", or the family of a fast kernel
  std::string_view instructions{};  ///< instruction set that a fast kernel is written for
  TensorType output{};              ///< of the first output
  std::uint64_t nanoseconds = 0;    ///< without that of the nodes of bodies that it ran
  std::uint64_t calls = 0;          ///< more or less than one for nodes of bodies
  std::uint64_t multiply_adds = 0;  ///< of a call, where the op consists of them; of windows with their borders
  std::uint64_t bytes = 0;          ///< of a call: sizes of its inputs and outputs
};

/// One way through a model with memory of its own. Any number of Sessions may share a Model from any threads; one Session is
/// for one thread at a time. Memory is planned at the first run at given input shapes; after it a run allocates nothing,
/// but for ops whose output size depends on values. State (variables, LSTM state) starts as real zeros and is kept between runs.
class QGRAPH_API Session {
 public:
  static Result<Session> create(Model model, SessionOptions options = {});
#if QGRAPH_EXCEPTIONS
  explicit Session(Model model, SessionOptions options = {});  ///< throws LoadError
#endif
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  std::size_t input_count() const noexcept;
  std::size_t output_count() const noexcept;
  const std::string& input_name(std::size_t i) const noexcept;
  const std::string& output_name(std::size_t i) const noexcept;
  /// As the graph declares it; -1 for dimensions that the next inputs decide.
  const TensorType& input_type(std::size_t i) const noexcept;
  const TensorType& output_type(std::size_t i) const noexcept;

  /// Inputs by position: storage dtype as declared, shape as declared or, where the graph allows, another.
  /// The views are valid until the next run or reset.
  Result<std::span<const TensorView>> try_run(std::span<const Tensor> inputs);
#if QGRAPH_EXCEPTIONS
  std::span<const TensorView> run(std::span<const Tensor> inputs);  ///< throws LoadError
  std::span<const TensorView> run(std::initializer_list<Tensor> inputs) {
    return run(std::span<const Tensor>(inputs.begin(), inputs.size()));
  }
#endif
  /// Runs, and copies output i into outputs[i], whose size must be right.
  Status run_into(std::span<const Tensor> inputs, std::span<const std::span<std::byte>> outputs);
  /// All state back to its beginning.
  void reset();
  SessionStats stats() const noexcept;
  /// The nodes that ran, graph by graph in their order; empty without SessionOptions::profile.
  std::vector<NodeProfile> profile() const;

  /// The value of a tensor of the main graph after a run, where memory reuse has left it; for tools, with `keep_all`.
  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit Session(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qgraph
