#include "dns/app/start_up_memory.hpp"

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace meshdns::app {
namespace {

// Segments that may be written to (or were, by the dynamic linker) hold more than their files and are left
// alone.
int give_back_segments(dl_phdr_info* object, std::size_t, void*) {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) {
      const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
      const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
      auto* const pages =
          reinterpret_cast<void*>(begin);  // NOLINT(performance-no-int-to-ptr): as they are given
      ::madvise(pages, end - begin, MADV_DONTNEED);
    }
  }
  return 0;
}

}  // namespace

void give_back_start_up_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(&give_back_segments, nullptr);
}

}  // namespace meshdns::app
