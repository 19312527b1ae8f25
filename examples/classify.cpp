// Classifies images with a quantized model: the pixels are real numbers, the model's input type says how to store them.
//   classify model.tflite images.npy labels.npy
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <qgraph/qgraph.hpp>
#include <string>
#include <vector>

namespace {

/// The values behind the header of a little-endian .npy file of version 1.
template <class T>
std::vector<T> read_npy(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 10) return {};
  const std::size_t start = 10U + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  if (bytes.size() < start) return {};
  std::vector<T> values((bytes.size() - start) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + start, values.size() * sizeof(T));
  return values;
}

template <class T>
qgraph::Tensor stored(const float* pixels, std::size_t n, const qgraph::TensorType& type) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    float v = pixels[i];
    if (type.quantized()) {  // real = scale * (stored - zero_point)
      const qgraph::IntegerRange range = qgraph::integer_range(type.storage());
      v = std::round(v / type.scale()) + static_cast<float>(type.zero_point());
      v = std::clamp(v, static_cast<float>(range.min), static_cast<float>(range.max));
    }
    values[i] = static_cast<T>(v);
  }
  qgraph::TensorType one = type;
  one.shape[0] = 1;  // the batch, which the model leaves open
  return {one, qgraph::Buffer::of(std::span<const T>(values))};
}

qgraph::Tensor as_input(const float* pixels, std::size_t n, const qgraph::TensorType& type) {
  switch (type.storage()) {
    case qgraph::DType::int8: return stored<std::int8_t>(pixels, n, type);
    case qgraph::DType::uint8: return stored<std::uint8_t>(pixels, n, type);
    case qgraph::DType::int16: return stored<std::int16_t>(pixels, n, type);
    default: return stored<float>(pixels, n, type);
  }
}

template <class T>
std::size_t largest(const qgraph::TensorView& view) {
  const auto v = view.values<T>();
  return static_cast<std::size_t>(std::ranges::max_element(v) - v.begin());
}

std::size_t class_of(const qgraph::TensorView& view) {
  switch (view.type->storage()) {
    case qgraph::DType::int8: return largest<std::int8_t>(view);
    case qgraph::DType::uint8: return largest<std::uint8_t>(view);
    case qgraph::DType::int16: return largest<std::int16_t>(view);
    default: return largest<float>(view);
  }
}

void draw(const float* pixels, std::size_t side) {
  const float top = std::max(*std::max_element(pixels, pixels + side * side), 1e-6F);
  for (std::size_t y = 0; y < side; y += 2) {
    std::string line = "    ";
    for (std::size_t x = 0; x < side; ++x)
      line += " .:-=+*#%@"[static_cast<std::size_t>(std::max(0.0F, pixels[y * side + x]) / top * 9.0F)];
    std::puts(line.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: classify model images.npy labels.npy\n", stderr), 2;
  const qgraph::LoadResult loaded = qgraph::try_load_graph(argv[1]);
  if (loaded.report.has_errors()) return std::fputs(loaded.report.to_string().c_str(), stderr), 1;
  qgraph::Session session(loaded.model);
  const qgraph::TensorType& type = session.input_type(0);
  const auto images = read_npy<float>(argv[2]);
  const auto labels = read_npy<std::int64_t>(argv[3]);
  if (labels.empty() || images.size() % labels.size() != 0) return std::fputs("images and labels do not fit\n", stderr), 2;
  const std::size_t pixels = images.size() / labels.size();
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(pixels))));

  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto outputs = session.run({as_input(images.data() + i * pixels, pixels, type)});
    const std::size_t found = class_of(outputs[0]);
    right += found == static_cast<std::size_t>(labels[i]) ? 1 : 0;
    if (i == 1 || i == 2) {
      draw(images.data() + i * pixels, side);
      std::printf("    is a %zu (labelled %d)\n", found, static_cast<int>(labels[i]));
    }
  }
  std::printf("%s, input %s: %zu of %zu right\n", argv[1], type.to_string().c_str(), right, labels.size());
  return right * 10 >= labels.size() * 9 ? 0 : 1;
}
