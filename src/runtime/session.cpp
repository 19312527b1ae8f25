// The public Session: inputs and outputs by position or signature, checked, over a Runtime.
#include "qgraph/session.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "ops/support/sequence.hpp"
#include "ops/support/string_tensor.hpp"
#include "qgraph/sequence.hpp"
#include "runtime/errors.hpp"
#include "runtime/runtime.hpp"

namespace qgraph {

struct Session::Impl {
  Impl(Model model, SessionOptions options, kernels::Cpu cpu) : runtime(std::move(model), std::move(options), cpu) {}

  runtime::Runtime runtime;
  GraphId graph{0};
  std::vector<std::size_t> inputs{}, outputs{};  ///< positions in the graph
  std::vector<std::string> input_names{}, output_names{};
  std::vector<View> passed{};  ///< by position in the graph
  std::vector<TensorView> results{};

  const Graph& main() const { return runtime.model().graph(graph); }
  const TensorType& input_type(std::size_t i) const { return main()[main().inputs()[inputs[i]]].type; }
  Report refused(std::size_t i, Cause cause, std::string headline, std::string expected, std::string found) const;
  Status check_input(std::size_t i, const Tensor& tensor) const;
  Status choose(std::string_view signature);
};

namespace {

const Signature* find_signature(const Model& model, std::string_view wanted) {
  for (const Signature& signature : model.signatures())
    if (signature.name == wanted) return &signature;
  return nullptr;
}

/// Positions given by a signature, or 0, 1, 2 ... where it gives none.
std::vector<std::size_t> positions(std::span<const std::size_t> given, std::size_t count) {
  if (!given.empty()) return {given.begin(), given.end()};
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

constexpr int most_threads = 1024;

/// The best instruction set there is, or the one that QGRAPH_CPU names.
Result<kernels::Cpu> chosen_cpu() {
  const char* forced = std::getenv("QGRAPH_CPU");
  if (!forced || *forced == '\0') return kernels::best_cpu();
  const auto cpu = kernels::find_cpu(forced);
  if (cpu && kernels::has(*cpu)) return *cpu;
  Report report = failure(
      runtime::code::bad_input, Cause::invalid_attribute,
      fmt::format("QGRAPH_CPU is '{}', which {}", forced, cpu ? "this processor has not" : "is no instruction set known here"));
  for (kernels::Cpu available : kernels::available_cpus())
    report.diagnostics[0].expected +=
        (report.diagnostics[0].expected.empty() ? "" : ", ") + std::string(kernels::name(available));
  report.diagnostics[0].found = forced;
  return report;
}

}  // namespace

Status Session::Impl::choose(std::string_view wanted) {
  const Model& model = runtime.model();
  const Signature* signature = nullptr;
  if (!wanted.empty()) {
    signature = find_signature(model, wanted);
    if (!signature) {
      std::string names;
      for (const Signature& s : model.signatures()) names += (names.empty() ? "" : ", ") + s.name;
      Report report =
          failure(runtime::code::bad_input, Cause::dangling_reference, fmt::format("there is no signature '{}'", wanted));
      report.diagnostics[0].expected = names;
      return report;
    }
    graph = signature->graph;
  }
  const std::size_t input_count = main().inputs().size(), output_count = main().outputs().size();
  inputs = positions(signature ? std::span(signature->input_positions) : std::span<const std::size_t>{}, input_count);
  outputs = positions(signature ? std::span(signature->output_positions) : std::span<const std::size_t>{}, output_count);
  const auto fits = [](std::span<const std::size_t> list, std::size_t count) {
    return std::ranges::all_of(list, [&](std::size_t p) { return p < count; });
  };
  std::vector<bool> given(input_count, false);
  if (fits(inputs, input_count))
    for (std::size_t p : inputs) given[p] = true;
  if (std::ranges::count(given, true) != static_cast<std::ptrdiff_t>(input_count) || !fits(outputs, output_count))
    return failure(runtime::code::bad_input, Cause::dangling_reference,
                   fmt::format("signature '{}' does not name the inputs and outputs of its graph", wanted));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    input_names.push_back(signature && i < signature->inputs.size() ? signature->inputs[i]
                                                                    : main()[main().inputs()[inputs[i]]].name);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    output_names.push_back(signature && i < signature->outputs.size() ? signature->outputs[i]
                                                                      : main()[main().outputs()[outputs[i]]].name);
  passed.resize(input_count);
  results.resize(outputs.size());
  return Done{};
}

Report Session::Impl::refused(std::size_t i, Cause cause, std::string headline, std::string expected, std::string found) const {
  Report report = failure(runtime::code::bad_input, cause, std::move(headline));
  Diagnostic& diagnostic = report.diagnostics[0];
  diagnostic.expected = std::move(expected);
  diagnostic.found = std::move(found);
  Place& place = diagnostic.places.emplace_back();
  place.graph = graph.value;
  place.tensor = input_names[i];
  place.tensor_index = main()[main().inputs()[inputs[i]]].source_index;
  return report;
}

Status Session::Impl::check_input(std::size_t i, const Tensor& tensor) const {
  const TensorType& declared = input_type(i);
  const auto label = [&] { return fmt::format("input {} '{}'", i, input_names[i]); };
  if (tensor.type.storage() != declared.storage())
    return refused(i, Cause::dtype_contradiction,
                   fmt::format("{} is {}, {} is passed", label(), name(declared.storage()), name(tensor.type.storage())),
                   std::string(name(declared.storage())), std::string(name(tensor.type.storage())));
  const Shape& shape = tensor.type.shape;
  if (!shape.is_static() || (declared.shape.ranked() && shape.rank() != declared.shape.rank()))
    return refused(i, Cause::shape_mismatch,
                   fmt::format("{} has shape {}, {} is passed", label(), declared.shape.to_string(), shape.to_string()),
                   declared.shape.to_string(), shape.to_string());
  if (declared.storage() == DType::variant) {
    const TensorView view{&tensor.type, tensor.data.bytes};
    if (ops::holds_nothing(view.bytes) || sequence_items(view)) return Done{};
    return refused(i, Cause::data_size_mismatch, fmt::format("{}: the bytes passed are no sequence of tensors", label()),
                   "as sequence_of() packs", fmt::format("{} bytes", tensor.data.bytes.size()));
  }
  if (declared.storage() == DType::string) {
    const auto strings = ops::StringTensor::read(tensor.data.bytes);
    if (strings && strings->size() == shape.elements()) return Done{};
    return refused(i, Cause::data_size_mismatch,
                   fmt::format("{}: the bytes passed are no {} strings", label(), shape.to_string()), "count, offsets, bytes",
                   fmt::format("{} bytes", tensor.data.bytes.size()));
  }
  const auto bytes = tensor.type.bytes();
  if (bytes && *bytes == tensor.data.bytes.size()) return Done{};
  return refused(i, Cause::data_size_mismatch,
                 fmt::format("{}: {} bytes are passed, {}{} takes {}", label(), tensor.data.bytes.size(),
                             name(tensor.type.storage()), shape.to_string(), bytes ? std::to_string(*bytes) : "more than fits"),
                 bytes ? fmt::format("{} bytes", *bytes) : std::string(), fmt::format("{} bytes", tensor.data.bytes.size()));
}

Session::Session(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(Model model, SessionOptions options) {
  if (model.empty()) return failure(runtime::code::bad_input, Cause::unreadable_file, "the model is empty: it was not loaded");
  if (options.threads < 1 || options.threads > most_threads)
    return failure(runtime::code::bad_input, Cause::data_out_of_range,
                   fmt::format("{} threads: 1 to {} can be had", options.threads, most_threads));
  const auto cpu = chosen_cpu();
  if (!cpu) return cpu.error();
  if (options.thread_pool)
    if (const int workers = options.thread_pool->workers(); workers < 1 || workers > most_threads)
      return failure(runtime::code::bad_input, Cause::data_out_of_range,
                     fmt::format("the host's pool has {} workers: 1 to {} can be had", workers, most_threads));
  auto impl = std::make_unique<Impl>(std::move(model), std::move(options), *cpu);
  if (auto done = impl->choose(impl->runtime.options().signature); !done) return std::move(done).error();
  return Session(std::move(impl));
}

#if QGRAPH_EXCEPTIONS
Session::Session(Model model, SessionOptions options) : Session(create(std::move(model), std::move(options)).value()) {}
std::span<const TensorView> Session::run(std::span<const Tensor> inputs) { return try_run(inputs).value(); }
#endif

std::size_t Session::input_count() const noexcept { return impl_->inputs.size(); }
std::size_t Session::output_count() const noexcept { return impl_->outputs.size(); }
const std::string& Session::input_name(std::size_t i) const noexcept { return impl_->input_names[i]; }
const std::string& Session::output_name(std::size_t i) const noexcept { return impl_->output_names[i]; }
const TensorType& Session::input_type(std::size_t i) const noexcept { return impl_->input_type(i); }
const TensorType& Session::output_type(std::size_t i) const noexcept {
  return impl_->main()[impl_->main().outputs()[impl_->outputs[i]]].type;
}

Result<std::span<const TensorView>> Session::try_run(std::span<const Tensor> inputs) {
  Impl& impl = *impl_;
  if (inputs.size() != impl.inputs.size())
    return failure(runtime::code::bad_input, Cause::shape_mismatch,
                   fmt::format("{} inputs are wanted, {} are passed", impl.inputs.size(), inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (auto done = impl.check_input(i, inputs[i]); !done) return std::move(done).error();
    impl.passed[impl.inputs[i]] = {.data = const_cast<std::byte*>(inputs[i].data.bytes.data()),  // only read
                                   .type = &inputs[i].type,
                                   .bytes = inputs[i].data.bytes.size()};
  }
  impl.runtime.clear_failure();
  impl.runtime.begin_profile();
  const runtime::Frame* frame = impl.runtime.run(impl.graph, impl.passed);
  if (!frame) return impl.runtime.failure();
  for (std::size_t o = 0; o < impl.results.size(); ++o) {
    const View view = frame->output(impl.outputs[o]);
    impl.results[o] = {view.type, {view.data, view.bytes}};
  }
  return std::span<const TensorView>(impl.results);
}

Status Session::run_into(std::span<const Tensor> inputs, std::span<const std::span<std::byte>> outputs) {
  auto results = try_run(inputs);
  if (!results) return std::move(results).error();
  if (outputs.size() != results->size())
    return failure(runtime::code::bad_input, Cause::shape_mismatch,
                   fmt::format("{} outputs are made, buffers are passed for {}", results->size(), outputs.size()));
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const std::span<const std::byte> bytes = (*results)[o].bytes;
    if (bytes.size() != outputs[o].size())
      return failure(runtime::code::bad_input, Cause::data_size_mismatch,
                     fmt::format("output {} '{}' has {} bytes, the buffer passed has {}", o, output_name(o), bytes.size(),
                                 outputs[o].size()));
    if (!bytes.empty()) std::memcpy(outputs[o].data(), bytes.data(), bytes.size());
  }
  return Done{};
}

void Session::reset() { impl_->runtime.reset(); }
SessionStats Session::stats() const noexcept { return impl_->runtime.stats(); }
std::vector<NodeProfile> Session::profile() const { return impl_->runtime.profile(); }

void runtime::set_trace(Session& session, Trace trace) { session.impl().runtime.set_trace(std::move(trace)); }

}  // namespace qgraph
