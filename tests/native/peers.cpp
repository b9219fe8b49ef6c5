// What Debian's own libraries need for the work that AptHandler.Core/Debian does, on the same inputs and with the same way of measuring
// (median of 301 short batches; the best one, too, which a busy machine disturbs least).
//
//   peers versions FILE    FILE: lines of two versions parted by a space; prints nanoseconds for each comparison
//   peers status FILE      FILE: a dpkg status file; prints nanoseconds for reading it once, from open to the last field
//
// One line of JSON for each measurement, the "checksum" keeps the compiler from leaving the work out.
//
// Needs libapt-pkg-dev and libdpkg-dev:
//   g++ -O2 -std=c++17 peers.cpp -o peers $(pkg-config --cflags --static --libs libdpkg) -lapt-pkg

#define LIBDPKG_VOLATILE_API 1

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <apt-pkg/configuration.h>
#include <apt-pkg/debversion.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/init.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/tagfile.h>

extern "C" {
#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/version.h>
}

namespace {

using Clock = std::chrono::steady_clock;

double NanosecondsOf(Clock::duration elapsed)
{
    return std::chrono::duration<double, std::nano>(elapsed).count();
}

template <typename Work>
void Measure(const char *name, size_t operations, Work work)
{
    long checksum = 0;
    size_t rounds = 0;
    const auto warm_up = Clock::now();
    do {
        checksum = work();
        rounds++;
    } while (NanosecondsOf(Clock::now() - warm_up) < 2e8);

    const size_t rounds_a_batch = rounds / 200 + 1;
    std::vector<double> times;
    for (int batch = 0; batch < 301; batch++) {
        const auto begin = Clock::now();
        for (size_t round = 0; round < rounds_a_batch; round++)
            checksum = work();
        times.push_back(NanosecondsOf(Clock::now() - begin) / rounds_a_batch / operations);
    }

    std::sort(times.begin(), times.end());
    std::printf("{\"peer\":\"%s\",\"nanoseconds\":%.2f,\"best\":%.2f,\"checksum\":%ld}\n", name, times[times.size() / 2], times[0], checksum);
}

int SignOf(int order)
{
    return (order > 0) - (order < 0);
}

int MeasureVersions(const char *path)
{
    std::vector<std::pair<std::string, std::string>> pairs;
    std::ifstream lines(path);
    for (std::string a, b; lines >> a >> b;)
        pairs.emplace_back(a, b);
    if (pairs.empty())
        return 2;

    Measure("libapt-pkg compare", pairs.size(), [&] {
        long sum = 0;
        for (const auto &[a, b] : pairs)
            sum += SignOf(debVS.CmpVersion(a, b));
        return sum;
    });

    Measure("libdpkg parse and compare", pairs.size(), [&] {
        long sum = 0;
        for (const auto &[a, b] : pairs) {
            struct dpkg_version x, y;
            parseversion(&x, a.c_str(), nullptr);
            parseversion(&y, b.c_str(), nullptr);
            sum += SignOf(dpkg_version_compare(&x, &y));
        }
        nffreeall();
        return sum;
    });
    return 0;
}

// As apt reads the file when it builds its cache: every stanza is scanned for all its fields, because pkgTagFile finds the end of a stanza that way.
long ReadWithApt(const char *path, bool wants_fields)
{
    FileFd file(path, FileFd::ReadOnly);
    pkgTagFile stanzas(&file);
    pkgTagSection stanza;
    long sum = 0;
    while (stanzas.Step(stanza)) {
        sum++;
        if (wants_fields)
            for (const char *field : {"Package", "Status", "Architecture", "Version"})
                sum += static_cast<long>(stanza.Find(field).length());
    }
    return sum;
}

int MeasureStatus(const char *path)
{
    Measure("libapt-pkg walk over the stanzas", 1, [&] { return ReadWithApt(path, false); });
    Measure("libapt-pkg read four fields of each stanza", 1, [&] { return ReadWithApt(path, true); });

    dpkg_program_init("peers");
    Measure("libdpkg read into its package table", 1, [&] {
        const long packages = parsedb(path, pdb_parse_status, nullptr);
        pkg_hash_reset();
        nffreeall();
        return packages;
    });
    return 0;
}

}

int main(int argc, char **argv)
{
    if (argc != 3 || !pkgInitConfig(*_config) || !pkgInitSystem(*_config, _system))
        return 2;
    return std::strcmp(argv[1], "versions") == 0 ? MeasureVersions(argv[2]) : MeasureStatus(argv[2]);
}
