// What starting and reloading leave in memory, given back to the host.
#pragma once

namespace meshdns::app {

// Free memory that the allocator keeps, and the pages of code and tables that nobody has needed since the
// dynamic linker, the parsers and the loaders ran: several megabytes that would stay until the host is short
// of memory. What is still needed comes back from the page cache when it is touched.
void give_back_start_up_memory();

}  // namespace meshdns::app
