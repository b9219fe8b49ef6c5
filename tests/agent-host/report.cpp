#include "report.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace
{
std::string OnOneLine(const std::string& text)
{
    std::string line;
    for (const char c : text)
        line += c == '\n' ? "\\n" : c == '\\' ? "\\\\" : std::string(1, c);
    return line;
}

const char* Name(Wish wish)
{
    return wish == Wish::immediate ? "immediate" : wish == Wish::requested ? "requested" : "none";
}
} // namespace

Report::Report()
{
    // A crash must not swallow what was printed before it.
    setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    descriptors_before = OpenDescriptors();
}

void Report::Call(const char* name, const char* thread, Result result, long microseconds, const char* remark, Workflow& workflow)
{
    const std::scoped_lock lock(mutex, workflow.mutex);
    printf("call %s thread=%s result=%d extended=0x%08x us=%ld%s\n", name, thread, result.code, static_cast<unsigned>(result.extended), microseconds,
           remark);
    if (workflow.details != last_details)
        printf("details %s\n", OnOneLine(workflow.details).c_str());
    last_details = workflow.details;
}

void Report::Outcome(Result result)
{
    printf("outcome result=%d extended=0x%08x\n", result.code, static_cast<unsigned>(result.extended));
}

void Report::Recorded(Workflow& workflow)
{
    const std::lock_guard lock(workflow.mutex);
    if (workflow.result)
        printf("recorded result=%d extended=0x%08x\n", workflow.result->code, static_cast<unsigned>(workflow.result->extended));
    else
        printf("recorded none\n");
    printf("extended-codes");
    for (const auto code : workflow.extended_codes)
        printf(" 0x%08x", static_cast<unsigned>(code));
    printf("\nflags restart=%s reboot=%s\n", Name(workflow.restart), Name(workflow.reboot));
    printf("download-calls %d\n", workflow.download_calls.load());
}

void Report::Signals(const SignalWatch& watch)
{
    const auto changed = watch.Changed();
    if (changed.empty())
        printf("signals untouched\n");
    else
        Failure("signals changed: " + changed);
    printf("sigpipe %s\n", watch.PipeChanged() ? "changed" : "untouched");
}

void Report::Children(const std::string& problem, int zombies)
{
    if (zombies > 0)
        Failure("the handler left " + std::to_string(zombies) + " ended children that nobody waits for");
    if (problem.empty())
        printf("children untouched\n");
    else
        Failure("children changed: " + problem);
}

void Report::Ledger(StepsLedger* ledger)
{
    if (ledger == nullptr)
        return;
    const std::lock_guard lock(ledger->mutex);
    for (const auto& violation : ledger->violations)
        Failure(OnOneLine(violation));
    const auto check = [this](int count, const char* what) {
        if (count != 0)
            Failure(std::to_string(count) + " " + what + " taken from the agent and not given back");
    };
    check(ledger->live_strings, "strings");
    check(ledger->live_files, "file entities");
    check(ledger->config_references, "references to the configuration");
}

void Report::Times(long open_us, long create_us)
{
    loaded = true;
    printf("times dlopen_us=%ld create_us=%ld\n", open_us, create_us);
}

void Report::MemoryAfterCreate(long before)
{
    memory_before = before;
    memory_create = ResidentKib();
}

void Report::Memory()
{
    printf("rss before=%ld create=%ld end=%ld\n", memory_before, memory_create, ResidentKib());
    printf("descriptors before=%d end=%d\n", descriptors_before, OpenDescriptors());
}

void Report::Loop(int calls, long microseconds, const std::string& answers, long memory, int descriptors)
{
    printf("loop calls=%d us=%ld answers=%s rss_kib=%ld descriptors=%d\n", calls, microseconds, answers.c_str(), memory, descriptors);
}

void Report::Cancelled()
{
    printf("cancelled\n");
}

void Report::Cancels(int able, int unable, int other)
{
    printf("cancels able=%d unable=%d other=%d\n", able, unable, other);
}

void Report::Failure(const std::string& text)
{
    failed = true;
    printf("failure %s\n", text.c_str());
}

int Report::OpenDescriptors()
{
    // The one that reads the folder is counted as well, every time.
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return static_cast<int>(std::distance(begin(open), end(open)));
}

long Report::ResidentKib()
{
    long total = 0;
    long resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}
