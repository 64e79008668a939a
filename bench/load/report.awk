# Table of one workload from lines of key=value pairs, one per measurement, rounds in order. `first` is the
# server that ratios are to: each ratio is the median of the ratios within a round. Fails on wrong replies.

function median(list, count,    i, j, value, sorted) {
  for (i = 1; i <= count; ++i) {
    value = list[i]
    for (j = i; j > 1 && sorted[j - 1] > value; --j) {
      sorted[j] = sorted[j - 1]
    }
    sorted[j] = value
  }
  lowest = sorted[1]
  highest = sorted[count]
  return (sorted[int((count + 1) / 2)] + sorted[int(count / 2) + 1]) / 2
}

function median_of(server, key,    i, list) {
  for (i = 1; i <= rounds[server]; ++i) {
    list[i] = figure[server, i, key]
  }
  return median(list, rounds[server])
}

function ratio_of(server, key,    i, list, base) {
  for (i = 1; i <= rounds[server]; ++i) {
    base = figure[first, i, key]
    list[i] = base == 0 ? 0 : figure[server, i, key] / base
  }
  return median(list, rounds[server])
}

function total_of(server, key,    i, sum) {
  for (i = 1; i <= rounds[server]; ++i) {
    sum += figure[server, i, key]
  }
  return sum + 0
}

{
  split($1, pair, "=")
  server = pair[2]
  if (!(server in rounds)) {
    order[++servers] = server
  }
  ++rounds[server]
  for (i = 2; i <= NF; ++i) {
    split($i, pair, "=")
    figure[server, rounds[server], pair[1]] = pair[2]
  }
  if (figure[server, rounds[server], "instructions"] != "") {
    has_instructions = 1
    figure[server, rounds[server], "per_query"] = \
      figure[server, rounds[server], "instructions"] / figure[server, rounds[server], "all_received"]
  }
}

END {
  printf "%-10s %8s %17s %6s %9s %6s %8s %8s %7s %6s %5s%s\n", "server", "k q/s", "(min - max)", "ratio",
    "cpu us/q", "ratio", "p50 us", "p99 us", "mem MB", "lost", "bad", has_instructions ? "  instr/q" : ""
  for (s = 1; s <= servers; ++s) {
    server = order[s]
    rate = median_of(server, "qps") / 1000
    spread = sprintf("(%.1f - %.1f)", lowest / 1000, highest / 1000)
    wrong = total_of(server, "bad")
    printf "%-10s %8.1f %17s %6.2f %9.2f %6.2f %8.1f %8.1f %7.1f %6d %5d%s\n", server, rate, spread,
      ratio_of(server, "qps"), median_of(server, "server_cpu_us"), ratio_of(server, "server_cpu_us"),
      median_of(server, "p50_us"), median_of(server, "p99_us"), median_of(server, "resident_kb") / 1024,
      total_of(server, "lost"), wrong, has_instructions ? sprintf(" %9.0f", median_of(server, "per_query")) : ""
    failed += wrong
  }
  exit failed > 0
}
