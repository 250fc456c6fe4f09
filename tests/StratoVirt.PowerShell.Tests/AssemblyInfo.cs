// One collection runs one test at a time: the environment variables that tell the module where its store is belong to
// the whole process.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
