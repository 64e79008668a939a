// make_mesh: writes a folder of resource files for a made-up mesh of any size.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include <meshdns/result.hpp>

#include "bench/zones/mesh_documents.hpp"

namespace {

namespace fs = std::filesystem;
namespace options = boost::program_options;
using meshdns::Errc;
using meshdns::fail;
using meshdns::Result;
using meshdns::zones_bench::MeshShape;

constexpr std::size_t kMaxResources = 16'000'000;  // one IPv4 address of 10.0.0.0/8 each

options::options_description describe_options() {
  options::options_description all("make_mesh --out FOLDER [options]");
  auto add = all.add_options();
  add("help", "this text");
  add("out", options::value<std::string>(), "folder to write to; made if missing, else it must be empty");
  add("files", options::value<std::size_t>()->default_value(10), "among which the resources are divided");
  add("dataplanes", options::value<std::size_t>()->default_value(1000), "");
  add("inbounds", options::value<std::size_t>()->default_value(1), "of each Dataplane");
  add("services", options::value<std::size_t>()->default_value(0),
      "values of kuma.io/service; 0: one for 10 inbounds");
  add("virtual-outbounds", options::value<std::size_t>()->default_value(2),
      "the first two name services, every other one each inbound");
  add("mesh-services", options::value<std::size_t>()->default_value(0), "");
  add("seed", options::value<std::uint64_t>()->default_value(1), "for what is left to chance");
  return all;
}

Result<std::size_t> count(const options::variables_map& given, const char* name, std::size_t min,
                          std::size_t max) {
  const auto value = given[name].as<std::size_t>();
  if (value < min || value > max) {
    return fail(Errc::InvalidConfig, fmt::format("--{} {}: expected {} to {}", name, value, min, max));
  }
  return value;
}

Result<MeshShape> read_shape(const options::variables_map& given) {
  MeshShape shape{.seed = given["seed"].as<std::uint64_t>()};
  const struct {
    const char* name;
    std::size_t* value;
    std::size_t min, max;
  } numbers[] = {{"dataplanes", &shape.dataplanes, 0, kMaxResources},
                 {"inbounds", &shape.inbounds, 1, 100},
                 {"services", &shape.services, 0, kMaxResources},
                 {"virtual-outbounds", &shape.virtual_outbounds, 0, 1000},
                 {"mesh-services", &shape.mesh_services, 0, kMaxResources}};
  for (const auto& number : numbers) {
    const auto value = count(given, number.name, number.min, number.max);
    if (!value) {
      return std::unexpected(value.error());
    }
    *number.value = *value;
  }
  if (shape.services == 0) {
    shape.services = std::max<std::size_t>(1, shape.dataplanes * shape.inbounds / 10);
  }
  return shape;
}

Result<void> prepare_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !fs::is_empty(folder, error) && !error) {
    return fail(Errc::InvalidConfig, fmt::format("{}: expected an empty folder", folder.native()));
  }
  return error ? Result<void>(
                     fail(Errc::FileUnreadable, fmt::format("{}: {}", folder.native(), error.message())))
               : Result<void>();
}

// The share of file `file` in `count` resources: from share(file) up to share(file + 1).
std::size_t share(std::size_t file, std::size_t files, std::size_t count) {
  return file * count / files;
}

Result<std::size_t> write_file(const fs::path& path, const MeshShape& shape, std::size_t file,
                               std::size_t files) {
  const auto failed = [&] {
    return fail(Errc::FileUnreadable,
                fmt::format("{}: {}", path.native(), std::generic_category().message(errno)));
  };
  std::unique_ptr<std::FILE, decltype(&std::fclose)> out(std::fopen(path.c_str(), "wxe"), &std::fclose);
  if (!out) {
    return failed();
  }
  std::size_t size = 0;
  const auto write = [&](const std::string& text) {
    size += std::fwrite(text.data(), 1, text.size(), out.get());
  };
  if (file == 0) {
    write(policies(shape));
  }
  for (std::size_t i = share(file, files, shape.dataplanes); i < share(file + 1, files, shape.dataplanes);
       ++i) {
    write(dataplane(shape, i));
  }
  for (std::size_t i = share(file, files, shape.mesh_services);
       i < share(file + 1, files, shape.mesh_services); ++i) {
    write(mesh_service(shape, i));
  }
  const bool is_written = std::ferror(out.get()) == 0;
  if (std::fclose(out.release()) != 0 || !is_written) {
    return failed();
  }
  return size;
}

Result<void> run(const options::variables_map& given) {
  if (!given.contains("out")) {
    return fail(Errc::InvalidConfig, "--out is needed, see --help");
  }
  const auto shape = read_shape(given);
  if (!shape) {
    return std::unexpected(shape.error());
  }
  const auto files = count(given, "files", 1, 100'000);
  if (!files) {
    return std::unexpected(files.error());
  }
  const fs::path folder = given["out"].as<std::string>();
  if (auto prepared = prepare_folder(folder); !prepared) {
    return prepared;
  }
  std::size_t octets = 0;
  for (std::size_t file = 0; file < *files; ++file) {
    const auto size = write_file(folder / fmt::format("mesh-{:05}.yaml", file), *shape, file, *files);
    if (!size) {
      return std::unexpected(size.error());
    }
    octets += *size;
  }
  fmt::print(
      "{}: {} files, {:.1f} MB, {} Dataplanes with {} inbounds each, {} services, {} VirtualOutbounds, "
      "{} MeshServices\n",
      folder.native(), *files, static_cast<double>(octets) / 1e6, shape->dataplanes, shape->inbounds,
      shape->services, shape->virtual_outbounds, shape->mesh_services);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, describe_options()), given);
    if (given.contains("help")) {
      std::cout << describe_options();
      return 0;
    }
    if (const auto done = run(given); !done) {
      std::cerr << "make_mesh: " << done.error().what << '\n';
      return 1;
    }
  } catch (const std::exception& error) {
    std::cerr << "make_mesh: " << error.what() << '\n';
    return 2;
  }
  return 0;
}
