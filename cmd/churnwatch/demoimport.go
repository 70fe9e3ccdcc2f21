package main

import (
	"context"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
)

// demoImport loads the made-up files as anyone's would be.
func (env *environment) demoImport(ctx context.Context, a *app.App, files []demo.File) ([]model.ImportReport, error) {
	var all []model.ImportReport
	for _, f := range files {
		env.say("importing %s: %s rows", f.Name, thousands(f.Rows))
		reports, err := importing.Run(ctx, a, importing.Request{
			Kind: model.FactKind(f.Kind), Files: []importing.File{{Name: f.Path, Path: f.Path}},
		})
		if err != nil {
			return all, err
		}
		all = append(all, reports...)
	}
	return all, nil
}
