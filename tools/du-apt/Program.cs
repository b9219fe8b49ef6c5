using AptHandler.CommandLine;

return DuApt.Run(args);
