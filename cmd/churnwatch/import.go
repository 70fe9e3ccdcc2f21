package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

type importFlags struct {
	preset, timeZone, dateFormat, delimiter, encoding string
	maps                                              []string
	dryRun, restate                                   bool
}

func newImport(env *environment) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import KIND FILE...  |  import --preset P FILE...",
		Short: "Load files of customers, orders, answers, tickets, events",
		Long: "Loads CSV (also .gz and .zst), Parquet and NDJSON files, patterns such as 'orders-*.csv',\n" +
			"or standard input (-). A row that can't be used goes to the quarantine with the reason and\n" +
			"never stops the others; loading the same file twice changes nothing. Amounts are added up, so an\n" +
			"order in another currency than the configured one (currency: EUR unless you set it) is refused.\n\n" + kindsHelp() + presetsHelp(),
		Args: func(_ *cobra.Command, args []string) error {
			if f.preset == "" && len(args) < 2 {
				return errors.New("want a kind and at least one file, such as: churnwatch import orders orders.csv")
			}
			if f.preset != "" && len(args) == 0 {
				return fmt.Errorf("want the files of the %s export", f.preset)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return env.importFiles(cmd, args, f) },
	}
	cmd.Flags().StringVar(&f.preset, "preset", "", "the files are of this export: a `name` from below the kinds, or a preset file of your own")
	cmd.Flags().StringArrayVar(&f.maps, "map", nil, "take a column from another one, as `canonical=source`; may be repeated")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be loaded and refused, with examples, and keep nothing")
	cmd.Flags().BoolVar(&f.restate, "restate", false, "mend a wrong load: changed rows count from when the wrong ones did")
	cmd.Flags().StringVar(&f.timeZone, "time-zone", "", "IANA `zone` of times without an offset (default: time_zone of the configuration)")
	cmd.Flags().StringVar(&f.dateFormat, "date-format", "", "a further form of times, such as `DD/MM/YYYY` or %d.%m.%Y %H:%M")
	cmd.Flags().StringVar(&f.delimiter, "delimiter", "", "the `character` between columns (default: found in the header)")
	cmd.Flags().StringVar(&f.encoding, "encoding", "", "utf-8, latin1 or windows-1252 (default: UTF-8, or what the byte order mark says)")
	return cmd
}

// kindsHelp lists the kinds with their columns, required ones marked.
func kindsHelp() string {
	var b strings.Builder
	b.WriteString("Kinds and their columns (* = required; each also takes known_at):\n")
	for _, s := range model.Schemas() {
		var names []string
		for _, c := range s.Columns {
			if c.Required {
				names = append(names, c.Name+"*")
			} else {
				names = append(names, c.Name)
			}
		}
		fmt.Fprintf(&b, "  %-12s %s\n", s.Kind, strings.Join(names, ", "))
	}
	return b.String()
}

// presetsHelp lists the presets with what they take.
func presetsHelp() string {
	var b strings.Builder
	b.WriteString("\nPresets (--preset); ingest/docs/presets.md has their columns and how to write one:\n")
	for _, name := range importing.Presets() {
		fmt.Fprintf(&b, "  %-20s %s\n", name, importing.Title(name))
	}
	return b.String()
}

// importFiles loads the files that the arguments name.
func (env *environment) importFiles(cmd *cobra.Command, args []string, f importFlags) error {
	request := importing.Request{
		DryRun: f.dryRun, Restate: f.restate, TimeZone: f.timeZone, DateFormat: f.dateFormat,
		Delimiter: f.delimiter, Encoding: f.encoding, Preset: f.preset, Map: map[string]string{},
	}
	for _, m := range f.maps {
		canonical, from, ok := strings.Cut(m, "=")
		if !ok || canonical == "" || from == "" {
			return usagef("--map %q: want canonical=source, such as customer_id=ClientNo", m)
		}
		request.Map[canonical] = from
	}
	if f.preset == "" {
		request.Kind, args = model.FactKind(args[0]), args[1:]
		if _, ok := model.SchemaOf(request.Kind); !ok {
			return usagef("kind %q: want one of %s", request.Kind, kindNames())
		}
	}
	if len(strings.ReplaceAll(f.delimiter, `\t`, "\t")) > 1 {
		return usagef("--delimiter %q: want one character, or \\t", f.delimiter)
	}
	if f.preset != "" && !importing.IsFile(f.preset) && !slices.Contains(importing.Presets(), f.preset) {
		return usagef("preset %q is not known: want one of %s, or the path of a .yaml file", f.preset, strings.Join(importing.Presets(), ", "))
	}
	files, err := env.inputs(args, f.preset)
	if err != nil {
		return err
	}
	inputs := files
	if importing.IsFile(f.preset) {
		inputs = append(slices.Clone(files), f.preset)
	}
	env.creates = true
	return env.work(cmd.Context(), inputs, func(ctx context.Context, a *app.App) error {
		return env.runImport(ctx, a, request, files)
	})
}

func kindNames() string {
	names := make([]string, 0, len(model.FactKinds()))
	for _, k := range model.FactKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// inputs returns the files that the arguments name: found here, or in a server
// those that its client found and sent.
func (env *environment) inputs(args []string, preset string) ([]string, error) {
	if env.serving == nil {
		return importing.Expand(args)
	}
	var files []string
	for _, name := range slices.Sorted(maps.Keys(env.serving.inputs)) {
		if name != preset {
			files = append(files, name)
		}
	}
	return files, nil
}

func (env *environment) runImport(ctx context.Context, a *app.App, request importing.Request, files []string) error {
	for _, name := range files {
		path, err := env.path(name)
		if err != nil {
			return err
		}
		file := importing.File{Name: name, Path: path}
		if name == importing.Stdin {
			file.Name, file.Stdin = "standard input", env.serving == nil
		}
		request.Files = append(request.Files, file)
	}
	if importing.IsFile(request.Preset) {
		path, err := env.path(request.Preset)
		if err != nil {
			return err
		}
		request.Preset = path
	}
	request.Stdin = env.stdin
	progress := newProgress(env.talk(), env.progress && !env.flags.quiet)
	request.Progress = progress.update
	reports, err := importing.Run(ctx, a, request)
	progress.done()
	if len(reports) > 0 {
		if printing := env.print(reports, func() []output.Grid { return importGrids(reports) }); printing != nil && err == nil {
			err = printing
		}
	}
	return err
}

func importGrids(reports []model.ImportReport) []output.Grid {
	g := output.Grid{Header: []string{"kind", "read", "loaded", "replaced", "unchanged", "quarantined", "rows/s"}}
	for _, r := range reports {
		g.Rows = append(g.Rows, []any{string(r.Kind), r.Read, r.Loaded, r.Replaced, r.Unchanged, r.Quarantined, output.Number{Value: r.RowsPerSecond}})
		if r.DerivedFrom != "" {
			g.Footer = append(g.Footer, fmt.Sprintf("%s: made by grouping %s", r.Kind, r.DerivedFrom))
		}
		for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
			g.Footer = append(g.Footer, fmt.Sprintf("%s: %s rows quarantined: %s", r.Kind, thousands(r.Reasons[reason]), reason))
		}
		if len(r.UnmappedColumns) > 0 {
			g.Footer = append(g.Footer, fmt.Sprintf("%s: columns not used: %s", r.Kind, strings.Join(r.UnmappedColumns, ", ")))
		}
		if len(r.AttributeColumns) > 0 {
			g.Footer = append(g.Footer, fmt.Sprintf("%s: columns not known, kept as attributes: %s", r.Kind, strings.Join(r.AttributeColumns, ", ")))
		}
		for _, w := range r.Warnings {
			g.Footer = append(g.Footer, fmt.Sprintf("warning: %s: %s", r.Kind, w))
		}
	}
	out := []output.Grid{g}
	if reports[0].DryRun {
		out[0].Title = "Dry run: nothing was kept"
		out = append(out, mappingGrid(reports), exampleGrid(reports))
	}
	return out
}

func mappingGrid(reports []model.ImportReport) output.Grid {
	g := output.Grid{Title: "What was taken from where", Header: []string{"kind", "column", "from"}}
	for _, r := range reports {
		for _, column := range slices.Sorted(maps.Keys(r.MappedColumns)) {
			g.Rows = append(g.Rows, []any{string(r.Kind), column, r.MappedColumns[column]})
		}
	}
	return g
}

func exampleGrid(reports []model.ImportReport) output.Grid {
	g := output.Grid{Title: "Examples of what would be quarantined", Header: []string{"file", "line", "column", "reason", "detail"}}
	for _, r := range reports {
		for _, e := range r.Examples {
			g.Rows = append(g.Rows, []any{e.File, e.Line, e.Column, e.Reason, e.Detail})
		}
	}
	return g
}
