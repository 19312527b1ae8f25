// Opening a model for running.
#include "cli/session_run.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>

#include "cli/files.hpp"
#include "cli/widen.hpp"

namespace qgraph::cli {

void add_session_flags(CLI::App& app, SessionFlags& flags) {
  app.add_option("MODEL", flags.model, "The model file")->required();
  app.add_option("--kernels", flags.kernels, "fast (the default where there is one) or reference")
      ->check(CLI::IsMember({"fast", "reference"}));
  app.add_option("--threads", flags.threads, "Threads to run with")->check(CLI::Range(1, 1024));
  app.add_option("--packed-cache", flags.packed_cache, "A file that keeps packed weights for the next time");
  app.add_option("--seed", flags.seed, "Seed of the inputs that are not given");
  app.add_option("--signature", flags.signature, "A signature, by name or position; else the main graph");
}

std::optional<Model> load(const std::string& file, Exit& exit) {
  if (!can_open(file)) {
    exit = Exit::usage;
    return std::nullopt;
  }
  LoadResult result = try_load_graph(std::filesystem::path(file));
  if (result.report.has_errors() || result.model.empty()) {
    print_errors(result.report);
    exit = Exit::errors;
    return std::nullopt;
  }
  return std::move(result.model);
}

std::optional<std::string> signature_name(const Model& model, const std::string& wanted) {
  for (const Signature& s : model.signatures())
    if (s.name == wanted) return wanted;
  std::size_t position = 0;
  const char* end = wanted.data() + wanted.size();
  if (const auto [next, ec] = std::from_chars(wanted.data(), end, position); ec == std::errc{} && next == end) {
    if (position < model.signatures().size()) return model.signatures()[position].name;
    if (position == 0) return std::string();  // a model without signatures has its main graph
  }
  std::string known;
  for (const Signature& s : model.signatures()) known += (known.empty() ? "'" : ", '") + s.name + "'";
  std::fprintf(stderr, "qgraph: no signature '%s'; the model has %s\n", wanted.c_str(), known.empty() ? "none" : known.c_str());
  return std::nullopt;
}

std::optional<Session> open_session(const Model& model, const SessionFlags& flags, Exit& exit) {
  SessionOptions options;
  options.threads = flags.threads;
  options.profile = flags.profile;
  options.packed_weights_cache = flags.packed_cache;
  options.kernels = flags.kernels == "reference" ? Kernels::reference : Kernels::fast;
  if (!flags.signature.empty()) {
    const auto name = signature_name(model, flags.signature);
    if (!name) {
      exit = Exit::usage;
      return std::nullopt;
    }
    options.signature = *name;
  }
  Result<Session> session = Session::create(model, options);
  if (session.ok()) return std::move(*session);
  Report report = session.error();
  if (report.model.empty()) report.model = flags.model;
  print_errors(report);
  exit = Exit::errors;
  return std::nullopt;
}

Tensor random_input(const TensorType& type, std::mt19937_64& random) {
  TensorType concrete = type;
  for (std::int64_t& d : concrete.shape.mutable_dims())
    if (d < 0) d = 1;
  const DType dtype = type.storage() == DType::resource ? DType::int32 : type.storage();
  const auto count = static_cast<std::size_t>(concrete.shape.elements().value_or(0));
  if (dtype == DType::string) return Tensor(concrete, Buffer::copy_of(pack_strings(std::vector<std::string>(count, "text"))));
  std::vector<std::byte> data(byte_size(dtype, static_cast<std::int64_t>(count)).value_or(0));
  const auto fill = [&]<class T>(auto next) {
    for (std::size_t i = 0; i < count; ++i) {
      const T v = static_cast<T>(next());
      std::memcpy(data.data() + i * sizeof(T), &v, sizeof(T));
    }
  };
  // Not std's distributions: their values differ between standard libraries, and a seed is to mean the same everywhere.
  const auto unit = [&] { return static_cast<double>(random() >> 11) * 0x1p-52 - 1.0; };
  const auto digit = [&] { return random() % 10; };
  switch (dtype) {
    case DType::float32:
    case DType::complex64: {
      for (std::size_t i = 0; i + 4 <= data.size(); i += 4) {
        const auto v = static_cast<float>(unit());
        std::memcpy(data.data() + i, &v, 4);
      }
      break;
    }
    case DType::float64:
    case DType::complex128: {
      for (std::size_t i = 0; i + 8 <= data.size(); i += 8) {
        const double v = unit();
        std::memcpy(data.data() + i, &v, 8);
      }
      break;
    }
    case DType::boolean: fill.operator()<std::uint8_t>([&] { return random() & 1U; }); break;
    case DType::int32:
    case DType::uint32: fill.operator()<std::uint32_t>(digit); break;
    case DType::int64:
    case DType::uint64: fill.operator()<std::uint64_t>(digit); break;
    case DType::float16: fill.operator()<std::uint16_t>([&] { return (random() & 0x83FFU) | 0x3800U; }); break;   // +-[0.5, 1)
    case DType::bfloat16: fill.operator()<std::uint16_t>([&] { return (random() & 0x807FU) | 0x3F00U; }); break;  // the same
    default:
      for (std::byte& b : data) b = static_cast<std::byte>(random() & 0xFFU);
  }
  return Tensor(concrete, Buffer::copy_of(data));
}

}  // namespace qgraph::cli
