// What the agent host prints, one line for each finding, made for a program to read:
//
//   call IsInstalled thread=main result=901 extended=0x00000000 us=120 [data=null|data=no-handle]
//   details TEXT                     after the call that set it; newline and backslash as \n and \\ .
//   outcome result=700 extended=0x00000000
//   recorded none | recorded result=0 extended=0x30200200
//   extended-codes 0x30200200 ...
//   flags restart=none|requested|immediate reboot=none|requested|immediate
//   download-calls 1
//   signals untouched | children untouched | sigpipe untouched|changed
//   rss before=KIB create=KIB end=KIB
//   descriptors before=N end=N       open files
//   loop calls=N us=N answers=900,...  rss_kib=N descriptors=N   of is-installed-loop; the last two are what was added while it ran
//   cancelled                        as soon as a cancel scenario has cancelled
//   cancels able=N unable=N other=N  of cancel-anytime
//   times dlopen_us=N create_us=N
//   failure TEXT                     the handler broke a rule; exit status 3 (4 when there is no handler to speak of)
#pragma once

#include "signal_watch.hpp"
#include "workflow.hpp"

#include <chrono>

class Stopwatch
{
public:
    long Microseconds() const
    {
        return static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count());
    }

private:
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

class Report
{
public:
    Report();

    void Call(const char* name, const char* thread, Result result, long microseconds, const char* remark, Workflow& workflow);
    void Outcome(Result result);
    void Recorded(Workflow& workflow);
    void Signals(const SignalWatch& watch);
    void Children(const std::string& problem, int zombies);
    void Ledger(StepsLedger* ledger);
    void Times(long open_us, long create_us);
    void MemoryAfterCreate(long before);
    void Memory();
    void Loop(int calls, long microseconds, const std::string& answers, long memory, int descriptors);
    void Cancelled();
    void Cancels(int able, int unable, int other);
    void Failure(const std::string& text);

    int ExitStatus() const { return !failed ? 0 : loaded ? 3 : 4; }

    static long ResidentKib();
    static int OpenDescriptors();

private:
    std::mutex mutex;
    std::string last_details;
    long memory_before = 0;
    long memory_create = 0;
    int descriptors_before = 0;
    bool failed = false;
    bool loaded = false;
};
