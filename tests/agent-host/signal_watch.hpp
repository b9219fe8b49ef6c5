// What a library must not change in the process it lives in: the dispositions of signals and the masks of threads.
#pragma once

#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <utility>

class SignalWatch
{
public:
    // SIGPIPE is reported and not judged: a managed runtime cannot be kept from ignoring it.
    SignalWatch()
    {
        for (std::size_t i = 0; i < watched.size(); i++)
            sigaction(watched[i].first, nullptr, &before[i]);
        sigaction(SIGPIPE, nullptr, &pipe_before);
    }

    // The names of the signals whose disposition is no longer what it was, separated by spaces.
    std::string Changed() const
    {
        std::string names;
        for (std::size_t i = 0; i < watched.size(); i++)
            if (!IsStill(watched[i].first, before[i]))
                names += (names.empty() ? "" : " ") + std::string(watched[i].second);
        return names;
    }

    bool PipeChanged() const { return !IsStill(SIGPIPE, pipe_before); }

    static sigset_t Mask()
    {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        return mask;
    }

    static bool IsSameMask(const sigset_t& left, const sigset_t& right)
    {
        for (int signal = 1; signal < NSIG; signal++)
            if (sigismember(&left, signal) != sigismember(&right, signal))
                return false;
        return true;
    }

private:
    static constexpr std::array<std::pair<int, const char*>, 5> watched = {
        {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGCHLD, "SIGCHLD"}, {SIGHUP, "SIGHUP"}, {SIGALRM, "SIGALRM"}}};

    static bool IsStill(int signal, const struct sigaction& then)
    {
        struct sigaction now;
        sigaction(signal, nullptr, &now);
        return now.sa_handler == then.sa_handler && now.sa_flags == then.sa_flags;
    }

    std::array<struct sigaction, watched.size()> before;
    struct sigaction pipe_before;
};
