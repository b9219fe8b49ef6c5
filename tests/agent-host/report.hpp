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
    void Failure(const std::string& text);

    int ExitStatus() const { return !failed ? 0 : loaded ? 3 : 4; }

    static long ResidentKib();

private:
    std::mutex mutex;
    std::string last_details;
    long memory_before = 0;
    long memory_create = 0;
    bool failed = false;
    bool loaded = false;
};
