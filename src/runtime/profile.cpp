// Times of nodes, and what they are compared with.
#include "runtime/profile.hpp"

#include <algorithm>
#include <chrono>

#include "runtime/frame.hpp"
#include "runtime/runtime.hpp"

namespace qgraph::runtime {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t elements(const View& view) { return static_cast<std::uint64_t>(std::max<std::int64_t>(view.elements(), 0)); }
/// Dims are counted from the last one, 1.
std::uint64_t dim_from_end(const View& view, std::size_t i) {
  return view.rank() >= i ? static_cast<std::uint64_t>(std::max<std::int64_t>(view.dim(view.rank() - i), 0)) : 1;
}
std::uint64_t quotient(std::uint64_t a, std::uint64_t b) { return b == 0 ? 0 : a / b; }

std::uint64_t channels(const Node& node, const View& image) {
  const auto layout = node.attribute("layout");
  const auto* word = layout ? std::get_if<std::string>(&*layout) : nullptr;
  return word && *word == "nchw" ? dim_from_end(image, image.rank() - 1) : dim_from_end(image, 1);
}

bool flag(const Node& node, std::string_view name) {
  const auto value = node.attribute(name);
  const auto* set = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return set && *set != 0;
}

enum class Kind : std::uint8_t { convolution, transposed, connected, matmul, recurrent };
struct Row {
  std::string_view op;
  Kind kind;
};
constexpr Row rows[] = {{"conv_2d", Kind::convolution},
                        {"conv_3d", Kind::convolution},
                        {"conv_integer", Kind::convolution},
                        {"depthwise_conv_2d", Kind::convolution},
                        {"transpose_conv_2d", Kind::transposed},
                        {"transpose_conv_3d", Kind::transposed},
                        {"fully_connected", Kind::connected},
                        {"batch_matmul", Kind::matmul},
                        {"matmul_integer", Kind::matmul},
                        {"tflite.basic_lstm", Kind::recurrent},
                        {"tflite.lstm", Kind::recurrent},
                        {"tflite.rnn", Kind::recurrent},
                        {"tflite.svdf", Kind::recurrent},
                        {"tflite.unidirectional_sequence_rnn", Kind::recurrent},
                        {"onnx.gru", Kind::recurrent},
                        {"onnx.lstm", Kind::recurrent},
                        {"onnx.rnn", Kind::recurrent}};

}  // namespace

std::uint64_t multiply_adds(const Node& node, std::span<const View> inputs, std::span<const View> outputs) {
  const auto* row = std::ranges::find(rows, node.op_name(), &Row::op);
  if (row == std::end(rows) || inputs.size() < 2 || outputs.empty() || !inputs[0] || !inputs[1] || !outputs[0]) return 0;
  const View &x = inputs[0], &w = inputs[1], &y = outputs[0];
  if (x.rank() == 0 || w.rank() == 0 || y.rank() == 0) return 0;
  switch (row->kind) {
    case Kind::convolution: return elements(y) * quotient(elements(w), channels(node, y));
    case Kind::transposed: return elements(x) * quotient(elements(w), channels(node, x));
    case Kind::connected: return elements(y) * quotient(elements(w), dim_from_end(y, 1));
    case Kind::matmul: return elements(y) * dim_from_end(x, flag(node, "adj_x") ? 2 : 1);
    case Kind::recurrent: break;
  }
  // Each step of each line of the batch meets all weights once.
  std::uint64_t weights = 0;
  for (std::size_t i = 1; i < inputs.size(); ++i)
    if (inputs[i] && inputs[i].rank() >= 2 && i < node.inputs.size() && node.inputs[i]) weights += elements(inputs[i]);
  return quotient(elements(x), dim_from_end(x, 1)) * weights;
}

bool Frame::run_profiled() {
  for (Step& step : steps_) {
    const std::uint64_t outer = runtime_.nested_nanoseconds;
    runtime_.nested_nanoseconds = 0;
    const auto begin = Clock::now();
    const bool done = run_step(step);
    const auto took =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count());
    runtime_.record(*this, step.node, took - std::min(took, runtime_.nested_nanoseconds));
    runtime_.nested_nanoseconds = outer + took;
    if (!done) return false;
  }
  return true;
}

NodeProfile Frame::describe(std::uint32_t n) const {
  const Node& node = graph().nodes()[n];
  NodeProfile profile{.graph = plan_.id, .node = n, .op = node.op_name(), .name = node.name};
  const auto step = std::ranges::lower_bound(steps_, n, {}, &Step::node);
  if (step == steps_.end() || step->node != n) return profile;
  const Prepared& prepared = step->dynamic == none ? plan_.nodes[n].prepared : dynamic_[step->dynamic].prepared;
  profile.kernel = node.host ? "host" : prepared.kernel ? prepared.kernel : "reference";
  if (prepared.instructions) profile.instructions = prepared.instructions;
  for (const View& view : step->args.inputs) profile.bytes += view.bytes;
  for (const View& view : step->args.outputs) profile.bytes += view.bytes;
  profile.multiply_adds = multiply_adds(node, step->args.inputs, step->args.outputs);
  if (node.outputs.empty() || !node.outputs[0]) return profile;
  if (profile.name.empty()) profile.name = graph()[node.outputs[0]].name;
  profile.output = plan_.types[node.outputs[0].value];
  return profile;
}

void Runtime::begin_profile() noexcept {
  if (!options_.profile) return;
  nested_nanoseconds = 0;
  for (PerGraph& graph : graphs_)
    for (std::vector<NodeTime>& times : graph.times) std::ranges::fill(times, NodeTime{});
}

void Runtime::record(const Frame& frame, std::uint32_t node, std::uint64_t nanoseconds) noexcept {
  NodeTime& time = graphs_[frame.plan().id.value].times[as_loaded(frame)][node];
  time.nanoseconds += nanoseconds;
  ++time.calls;
}

std::vector<NodeProfile> Runtime::profile() const {
  std::vector<NodeProfile> all;
  for (const PerGraph& graph : graphs_)
    for (const bool loaded : {false, true}) {
      const auto frame = std::ranges::find(graph.frames, loaded, [this](const auto& f) { return as_loaded(*f); });
      const std::vector<NodeTime>& times = graph.times[loaded];
      for (std::uint32_t n = 0; n < times.size() && frame != graph.frames.end(); ++n) {
        if (times[n].calls == 0) continue;
        NodeProfile& node = all.emplace_back((*frame)->describe(n));
        node.nanoseconds = times[n].nanoseconds;
        node.calls = times[n].calls;
      }
    }
  return all;
}

}  // namespace qgraph::runtime
