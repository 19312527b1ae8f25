// ONNX's operator tests (Debian: libonnx-testdata) through load and Session, each in a process of its own. What fails must stand
// in docs/onnx_operator_tests.md, which --write makes.
//   qgraph_onnx_operators [--data FOLDER] [--list FILE] [--write FILE] [--only TEXT] [--through .qg|.json] [--verbose]
// --through: what was loaded is saved so, and runs from there.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "core/mapped_file.hpp"
#include "formats/onnx/constants.hpp"
#include "formats/onnx/tensor_types.hpp"
#include "qgraph/qgraph.hpp"
#include "source/numbers.hpp"

namespace qgraph::test {
namespace {

namespace fs = std::filesystem;
constexpr double relative = 1e-3, absolute = 1e-7;  // as ONNX's own runner
constexpr unsigned seconds_each = 60;
constexpr int skipped = 77;  // CTest's SKIP_RETURN_CODE

/// What a SequenceProto, or an OptionalProto that holds one or a tensor, holds; nothing where it holds nothing.
std::optional<std::vector<Tensor>> read_items(formats::onnx::Bytes message, const Buffer& file) {
  using formats::onnx::Wire;
  std::vector<Tensor> items;
  std::optional<std::vector<Tensor>> inner;
  std::int64_t kind = 0;
  formats::onnx::for_each_field(message, [&](const formats::onnx::Field& f) {
    if (f.is(2, Wire::varint)) kind = f.integer();
    if (f.is(3, Wire::length)) {
      const formats::onnx::TensorMessage t = formats::onnx::read_tensor(f.bytes);
      items.emplace_back(TensorType(formats::onnx::dtype_of(t.data_type), Shape(t.dims)), formats::onnx::elements_of(t, file));
    }
    if (f.is(5, Wire::length)) inner = read_items(f.bytes, file);
  });
  if (inner) return inner;
  return kind == 0 ? std::nullopt : std::optional(std::move(items));
}

/// Nothing: no such file. `declared`: of the model; the older tests keep bfloat16 as uint16.
std::optional<Tensor> read_pb(const fs::path& path, DType declared) {
  if (!fs::is_regular_file(path)) return std::nullopt;
  const auto file = map_file(path, 1U << 30);
  if (!file) return std::nullopt;
  if (declared == DType::variant) {
    const auto items = read_items(file->bytes, *file);
    return items ? sequence_of(*items) : empty_optional();
  }
  formats::onnx::TensorMessage t = formats::onnx::read_tensor(file->bytes);
  DType dtype = formats::onnx::dtype_of(t.data_type);
  if (dtype == DType::uint16 && declared == DType::bfloat16) dtype = declared;
  return Tensor(TensorType(dtype, Shape(t.dims)), formats::onnx::elements_of(t, *file));
}

/// Drawn numbers are nobody's to foresee: of them dtype and shape are right or wrong.
bool draws(const Model& model) {
  for (const Graph& graph : model.graphs())
    for (const Node& node : graph.nodes())
      if (node.op_name().starts_with("random_") || node.op_name() == "multinomial") return true;
  return false;
}

std::string difference(const TensorView& got, const Tensor& wanted, bool types_only) {
  const DType dtype = wanted.type.dtype();
  if (got.type->storage() != dtype)
    return std::string("is ") + std::string(name(got.type->storage())) + ", should be " + std::string(name(dtype));
  if (got.type->shape != wanted.type.shape)
    return "has shape " + got.type->shape.to_string() + ", should have " + wanted.type.shape.to_string();
  if (types_only) return {};
  const auto bytes_equal = [&] { return std::ranges::equal(got.bytes, wanted.data.bytes); };
  if (dtype == DType::variant) {
    const auto a = sequence_items(got), b = sequence_items({&wanted.type, wanted.data.bytes});
    if (!a || !b) return bytes_equal() ? "" : "holds nothing, or should";
    if (a->size() != b->size())
      return "holds " + std::to_string(a->size()) + " tensors, should hold " + std::to_string(b->size());
    for (std::size_t i = 0; i < a->size(); ++i)
      if (const std::string d = difference({&(*a)[i].type, (*a)[i].data.bytes}, (*b)[i], types_only); !d.empty())
        return "item " + std::to_string(i) + " " + d;
    return {};
  }
  if (dtype == DType::string) return bytes_equal() ? "" : "has other strings";
  const auto count = static_cast<std::size_t>(wanted.type.shape.elements().value_or(0));
  const auto a = source::decode_numbers(dtype, got.bytes, count), b = source::decode_numbers(dtype, wanted.data.bytes, count);
  if (!a || !b) return bytes_equal() ? "" : "has other bytes";
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = (*a)[i], y = (*b)[i];
    const bool same =
        x == y || (std::isnan(x) && std::isnan(y)) || (is_float(dtype) && std::abs(x - y) <= absolute + relative * std::abs(y));
    if (!same && wrong++ == 0) first = i;
  }
  if (wrong == 0) return {};
  char text[160];
  std::snprintf(text, sizeof text, "differs in %zu of %zu elements: element %zu is %.9g, should be %.9g", wrong, count, first,
                (*a)[first], (*b)[first]);
  return text;
}

std::string first_problem(const Report& report) { return report.diagnostics.empty() ? "?" : report.diagnostics[0].headline; }

/// Empty where the test passes.
std::string run_set(const Model& model, const fs::path& set) {
  Result<Session> session = Session::create(model);
  if (!session) return "plan: " + first_problem(session.error());
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < session->input_count(); ++i) {
    auto tensor = read_pb(set / ("input_" + std::to_string(i) + ".pb"), session->input_type(i).storage());
    if (!tensor) return "input " + std::to_string(i) + " has no data";
    inputs.push_back(*std::move(tensor));
  }
  auto outputs = session->try_run(inputs);
  if (!outputs) return "run: " + first_problem(outputs.error());
  for (std::size_t i = 0;; ++i) {
    const auto wanted = read_pb(set / ("output_" + std::to_string(i) + ".pb"),
                                i < outputs->size() ? (*outputs)[i].type->storage() : DType::unknown);
    if (!wanted) return i == 0 ? "the test has no outputs" : "";
    if (i >= outputs->size()) return "output " + std::to_string(i) + " is missing";
    if (const std::string d = difference((*outputs)[i], *wanted, draws(model)); !d.empty())
      return "output " + std::to_string(i) + " " + d;
  }
}

std::string run_test(const fs::path& folder, const std::string& through) {
  LoadResult loaded = try_load_graph(folder / "model.onnx");
  if (loaded.model.empty()) return "load: " + first_problem(loaded.report);
  if (!through.empty()) {
    const fs::path file = fs::temp_directory_path() / ("qgraph_operator_" + std::to_string(getpid()) + through);
    if (const Status saved = save(loaded.model, file); !saved) return "save: " + first_problem(saved.error());
    loaded = try_load_graph(file);
    fs::remove(file);  // what is mapped stays
    if (loaded.model.empty()) return "load again: " + first_problem(loaded.report);
  }
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set_"))
      if (std::string problem = run_set(loaded.model, entry.path()); !problem.empty()) return problem;
  return {};
}

std::string run_apart(const fs::path& folder, const std::string& through) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    alarm(seconds_each);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    const std::string problem = run_test(folder, through);
    const bool written = write(ends[1], problem.data(), problem.size()) == static_cast<ssize_t>(problem.size());
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  std::string problem;
  char buffer[512];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) problem.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGALRM ? "takes too long" : "ends by signal " + std::to_string(WTERMSIG(status));
  return problem;
}

std::map<std::string, fs::path> find_tests(const fs::path& data) {
  std::map<std::string, fs::path> tests;
  for (const auto& entry : fs::recursive_directory_iterator(data))
    if (entry.path().filename() == "model.onnx" && fs::exists(entry.path().parent_path() / "test_data_set_0"))
      tests.emplace(fs::relative(entry.path().parent_path(), data).string(), entry.path().parent_path());
  return tests;
}

/// The names in the rows of the list.
std::set<std::string> known_failures(const fs::path& list) {
  std::set<std::string> known;
  std::ifstream in(list);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("| `"))
      if (const std::size_t end = line.find('`', 3); end != std::string::npos) known.insert(line.substr(3, end - 3));
  return known;
}

void write_list(const fs::path& file, const std::map<std::string, std::string>& failures, std::size_t count) {
  std::ofstream out(file);
  out << "# ONNX's operator tests\n\nMade by `qgraph_onnx_operators --write`. Of the " << count
      << " tests of the package libonnx-testdata, " << count - failures.size()
      << " pass; these do not:\n\n| test | why |\n|---|---|\n";
  for (auto [test, why] : failures) {
    std::ranges::replace(why, '|', '/');
    std::ranges::replace(why, '\n', ' ');
    out << "| `" << test << "` | " << why << " |\n";
  }
}

int main_of(std::span<char*> arguments) {
  fs::path data = "/usr/share/libonnx-testdata/data", list = QGRAPH_ONNX_LIST, to;
  std::string only, through;
  bool verbose = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view a = arguments[i];
    const auto next = [&]() -> std::string { return i + 1 < arguments.size() ? arguments[++i] : ""; };
    if (a == "--data")
      data = next();
    else if (a == "--list")
      list = next();
    else if (a == "--write")
      to = next();
    else if (a == "--only")
      only = next();
    else if (a == "--through")
      through = next();
    else if (a == "--verbose")
      verbose = true;
    else
      return std::fprintf(stderr, "unknown argument %s\n", arguments[i]), 2;
  }
  if (!fs::is_directory(data)) return std::printf("%s is not there: skipped\n", data.c_str()), skipped;
  std::map<std::string, std::string> failures;
  std::size_t count = 0;
  for (const auto& [test, folder] : find_tests(data)) {
    if (test.find(only) == std::string::npos) continue;
    ++count;
    std::string problem = run_apart(folder, through);
    if (verbose || !only.empty()) std::printf("%s: %s\n", test.c_str(), problem.empty() ? "passes" : problem.c_str());
    if (!problem.empty()) failures.emplace(test, std::move(problem));
  }
  std::printf("%zu of %zu tests pass\n", count - failures.size(), count);
  if (!to.empty()) return write_list(to, failures, count), 0;
  const std::set<std::string> known = known_failures(list);
  int unknown = 0;
  for (const auto& [test, why] : failures)
    if (!known.contains(test)) std::printf("fails, and is not on the list: %s: %s\n", test.c_str(), why.c_str()), ++unknown;
  for (const std::string& test : known)
    if (only.empty() && !failures.contains(test)) std::printf("passes, though it is on the list: %s\n", test.c_str());
  return count == 0 || unknown > 0 ? 1 : 0;
}

}  // namespace
}  // namespace qgraph::test

int main(int argc, char** argv) { return qgraph::test::main_of({argv, static_cast<std::size_t>(argc)}); }
