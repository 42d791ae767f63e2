using Teahouse.Cli;

return await Verbs.RunAsync(args);
