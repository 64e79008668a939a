#include <algorithm>
#include <iterator>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <meshdns/zone_file.hpp>

#include "zones/kuma/claims.hpp"
#include "zones/kuma/naming.hpp"
#include "zones/parsed_file.hpp"
#include "zones/text/messages.hpp"
#include "zones/zone_files.hpp"

extern const char kShopZoneText[];  // examples/shop.yaml

namespace meshdns {
namespace {

using zones::ParsedFile;
using FilePointer = std::shared_ptr<ParsedFile>;  // not changed while it is in a cache

// Of two plain records with the same name the later one counts, and a plain record counts more than what a
// resource says.
void drop_repeated_names(MeshZone& zone) {
  std::vector<ZoneRecord>& records = zone.records;
  const auto wire = [&](std::uint32_t index) {
    const auto octets = records[index].name.wire();
    return std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size());
  };
  const auto hash = [&](std::uint32_t index) { return std::hash<std::string_view>{}(wire(index)); };
  const auto equal = [&](std::uint32_t a, std::uint32_t b) { return wire(a) == wire(b); };
  std::unordered_set<std::uint32_t, decltype(hash), decltype(equal)> kept(records.size(), hash, equal);

  std::uint32_t end = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i != end) {
      records[end] = std::move(records[i]);
    }
    const auto [first, is_new] = kept.insert(end);
    if (is_new) {
      ++end;
      continue;
    }
    const ZoneRecord& later = records[end];
    const ZoneRecord& earlier = records[*first];
    text::warn(zone, later.where,
               fmt::format("name {} again, it replaces {}", text::quote(later.name.to_string()),
                           text::location_text(zone, earlier.where)));
    kuma::Claims(zone).conflict(later.name.to_string(), "same name",
                                {later.resource, later.rule, later.where},
                                {earlier.resource, earlier.rule, earlier.where});
    zone.spellings.erase(later.name);
    records[*first] = std::move(records[end]);
  }
  records.resize(end);
  std::ranges::stable_sort(zone.conflicts, {}, &ZoneConflict::name);
}

// A source that needs more memory than there is, is a fault of the source: what was loaded before stays.
template <class Load>
std::invoke_result_t<Load> within_memory(const ZoneSource& source, Load load) {
  try {
    return load();
  } catch (const std::bad_alloc&) {
    return fail(Errc::InvalidZone,
                fmt::format("{}: needs more memory than there is", fmt::join(source.paths, ", ")));
  }
}

}  // namespace

bool is_remote_zone(std::string_view path) {
  return path.starts_with("unix:") || path.starts_with("http://");
}

class ZoneLoader::Impl {
 public:
  explicit Impl(ZoneSource source) : source_(std::move(source)) {}

  Result<MeshZone> load();
  Result<MeshZone> load_with(const std::string& path, std::string_view document);
  Result<MeshZone> load_text(std::string_view text, const std::string& file_name);
  std::vector<std::string> missing() const;
  Result<void> save_state();

 private:
  struct CachedFile {
    zones::FileStamp stamp;
    FilePointer file;
  };

  Result<FilePointer> parse(std::string_view text, const std::string& file_name) const;
  Result<void> gather(const std::string& path, std::vector<FilePointer>& files);
  Result<void> gather_folder(const std::string& folder, std::vector<FilePointer>& files);
  Result<MeshZone> load_all();
  Result<void> read_state();
  Result<void> name_mesh_of_state(const std::vector<FilePointer>& files);
  Result<MeshZone> combine(std::vector<FilePointer> files);

  ZoneSource source_;
  std::map<std::string, CachedFile> cache_;       // files of folders
  std::map<std::string, FilePointer> documents_;  // of remote paths
  std::optional<kuma::KeptVips> kept_;            // none before the first load
  bool is_state_saved_ = true;                    // the state file holds what `kept_` does
};

Result<FilePointer> ZoneLoader::Impl::parse(std::string_view text, const std::string& file_name) const {
  auto file = zones::parse_zone_text(text, file_name,
                                     {.default_ttl_seconds = source_.default_ttl_seconds,
                                      .dataplane_vars = source_.kuma.dataplane_vars,
                                      .is_wire_format = is_remote_zone(file_name)});
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  return std::make_shared<ParsedFile>(std::move(*file));
}

Result<void> ZoneLoader::Impl::gather(const std::string& path, std::vector<FilePointer>& files) {
  if (is_remote_zone(path)) {
    if (const auto document = documents_.find(path); document != documents_.end()) {
      files.push_back(document->second);
    }
    return {};
  }
  if (path != kBuiltinDemoZone && zones::is_folder(path)) {
    return gather_folder(path, files);
  }
  std::string text = kShopZoneText;
  if (path != kBuiltinDemoZone) {
    auto read = zones::read_zone_file(path);
    if (!read) {
      return std::unexpected(std::move(read.error()));
    }
    text = std::move(read->text);
  }
  auto file = parse(text, path);
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  files.push_back(*std::move(file));
  return {};
}

Result<void> ZoneLoader::Impl::gather_folder(const std::string& folder, std::vector<FilePointer>& files) {
  const auto paths = zones::list_zone_folder(folder);
  if (!paths) {
    return std::unexpected(paths.error());
  }
  const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
  std::erase_if(cache_, [&](const auto& cached) {
    return cached.first.starts_with(prefix) && !std::ranges::binary_search(*paths, cached.first);
  });
  for (const std::string& path : *paths) {
    const auto stamp = zones::stamp_of(path);
    if (!stamp) {
      return std::unexpected(stamp.error());
    }
    CachedFile& cached = cache_[path];
    if (!cached.file || !cached.stamp.is_same_file_state(*stamp)) {
      const auto read = zones::read_zone_file(path);
      if (!read) {
        return std::unexpected(read.error());
      }
      auto file = parse(read->text, path);
      if (!file) {
        return std::unexpected(std::move(file.error()));
      }
      cached = {read->stamp, *std::move(file)};
    }
    files.push_back(cached.file);
  }
  return {};
}

Result<void> ZoneLoader::Impl::read_state() {
  if (kept_) {
    return {};
  }
  kept_.emplace();
  if (source_.kuma.state_path.empty()) {
    return {};
  }
  auto state = vips::read_vip_state(source_.kuma.state_path, source_.kuma.mesh);
  if (!state) {
    kept_.reset();
    return std::unexpected(std::move(state.error()));
  }
  kept_->state = *std::move(state);
  return {};
}

// Kuma stores virtual IPs without saying of which mesh they are.
Result<void> ZoneLoader::Impl::name_mesh_of_state(const std::vector<FilePointer>& files) {
  if (!kept_->state.legacy.contains("")) {
    return {};
  }
  std::set<std::string> meshes;
  for (const FilePointer& file : files) {
    std::ranges::transform(file->resources.dataplanes, std::inserter(meshes, meshes.end()),
                           [](const auto& dataplane) { return dataplane.meta.mesh; });
    std::ranges::transform(file->resources.external_services, std::inserter(meshes, meshes.end()),
                           [](const auto& external) { return external.meta.mesh; });
  }
  if (meshes.size() != 1) {
    kept_.reset();
    return fail(
        Errc::InvalidZone,
        fmt::format("{}: virtual IPs as Kuma stores them, of a mesh that is not named, expected 'mesh NAME' "
                    "to say which one",
                    source_.kuma.state_path));
  }
  std::string mesh = *meshes.begin();
  auto unnamed = kept_->state.legacy.extract("");
  unnamed.key() = std::move(mesh);
  kept_->state.legacy.insert(std::move(unnamed));
  is_state_saved_ = false;
  return {};
}

Result<MeshZone> ZoneLoader::Impl::combine(std::vector<FilePointer> files) {
  if (auto named = name_mesh_of_state(files); !named) {
    return std::unexpected(std::move(named.error()));
  }
  MeshZone zone;
  std::vector<kuma::FileResources> resources;
  bool has_resources = false;
  bool says_what_it_owns = !source_.owns.empty();
  zone.owns = source_.owns;
  zone.overlays = source_.overlays;
  const auto add_names = [](std::vector<DomainName>& to, const std::vector<DomainName>& from) {
    std::ranges::copy_if(from, std::back_inserter(to),
                         [&](const DomainName& name) { return std::ranges::find(to, name) == to.end(); });
  };
  std::size_t plain_records = 0;
  for (const FilePointer& file : files) {
    const auto index = static_cast<std::uint32_t>(zone.files.size());
    zone.files.push_back(file->records.files.front());
    resources.push_back({index, &file->resources});
    has_resources = has_resources || file->has_resources;
    says_what_it_owns = says_what_it_owns || file->says_what_it_owns;
    plain_records += file->records.records.size();
    add_names(zone.owns, file->records.owns);
    add_names(zone.overlays, file->records.overlays);
    for (const auto& [key, value] : file->records.extra_labels) {
      zone.extra_labels[key] = value;
    }
    std::ranges::copy(file->records.warnings, std::back_inserter(zone.warnings));
  }

  if (has_resources || std::ranges::any_of(source_.paths, is_remote_zone)) {
    std::vector<IpAddress> of_records;
    for (const FilePointer& file : has_resources ? files : std::vector<FilePointer>{}) {
      for (const ZoneRecord& record : file->records.records) {
        of_records.insert(of_records.end(), record.addresses.begin(), record.addresses.end());
      }
    }
    auto naming =
        kuma::derive_names(resources, of_records, source_.kuma, source_.default_ttl_seconds, *kept_, zone);
    if (!naming) {
      return std::unexpected(std::move(naming.error()));
    }
    is_state_saved_ = is_state_saved_ && naming->vips.state == kept_->state;
    kept_ = std::move(naming->vips);
    add_names(zone.owns, naming->owns);
  } else if (!says_what_it_owns) {
    if (auto domain = DomainName::parse(source_.kuma.domain)) {
      zone.owns.push_back(*std::move(domain));
    }
  }

  zone.records.reserve(zone.records.size() + plain_records);
  for (std::uint32_t index = 0; index < files.size(); ++index) {
    const std::size_t start = zone.records.size();
    std::vector<ZoneRecord>& records = files[index]->records.records;
    if (files[index].use_count() == 1) {
      std::ranges::move(records, std::back_inserter(zone.records));
    } else {
      std::ranges::copy(records, std::back_inserter(zone.records));
    }
    for (ZoneRecord& record : std::span(zone.records).subspan(start)) {
      record.where.file = index;
    }
  }
  drop_repeated_names(zone);
  return zone;
}

Result<MeshZone> ZoneLoader::Impl::load() {
  return within_memory(source_, [this] { return load_all(); });
}

Result<MeshZone> ZoneLoader::Impl::load_all() {
  if (auto read = read_state(); !read) {
    return std::unexpected(std::move(read.error()));
  }
  std::vector<FilePointer> files;
  for (const std::string& path : source_.paths) {
    if (auto result = gather(path, files); !result) {
      return std::unexpected(std::move(result.error()));
    }
  }
  return combine(std::move(files));
}

Result<MeshZone> ZoneLoader::Impl::load_with(const std::string& path, std::string_view document) {
  auto file = within_memory(source_, [&] { return parse(document, path); });
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  FilePointer before = std::exchange(documents_[path], *std::move(file));
  auto zone = load();
  if (!zone) {
    if (before) {
      documents_[path] = std::move(before);
    } else {
      documents_.erase(path);
    }
  }
  return zone;
}

Result<MeshZone> ZoneLoader::Impl::load_text(std::string_view text, const std::string& file_name) {
  if (auto read = read_state(); !read) {
    return std::unexpected(std::move(read.error()));
  }
  auto file = parse(text, file_name);
  if (!file) {
    return std::unexpected(std::move(file.error()));
  }
  return combine({*std::move(file)});
}

std::vector<std::string> ZoneLoader::Impl::missing() const {
  std::vector<std::string> paths;
  std::ranges::copy_if(source_.paths, std::back_inserter(paths), [&](const std::string& path) {
    return is_remote_zone(path) && !documents_.contains(path);
  });
  return paths;
}

Result<void> ZoneLoader::Impl::save_state() {
  if (source_.kuma.state_path.empty() || is_state_saved_) {
    return {};
  }
  if (auto written = vips::write_vip_state(source_.kuma.state_path, kept_->state); !written) {
    return written;
  }
  is_state_saved_ = true;
  return {};
}

ZoneLoader::ZoneLoader(ZoneSource source) : impl_(std::make_unique<Impl>(std::move(source))) {}
ZoneLoader::~ZoneLoader() = default;
ZoneLoader::ZoneLoader(ZoneLoader&&) noexcept = default;

Result<MeshZone> ZoneLoader::load() {
  return impl_->load();
}

Result<MeshZone> ZoneLoader::load_with(const std::string& path, std::string document) {
  return impl_->load_with(path, document);
}

std::vector<std::string> ZoneLoader::missing() const {
  return impl_->missing();
}

Result<void> ZoneLoader::save_state() {
  return impl_->save_state();
}

Result<MeshZone> load_mesh_zone(const ZoneSource& source) {
  return ZoneLoader(source).load();
}

Result<MeshZone> parse_mesh_zone(std::string_view text, const std::string& file_name,
                                 const ZoneSource& defaults) {
  return ZoneLoader::Impl(defaults).load_text(text, file_name);
}

}  // namespace meshdns
