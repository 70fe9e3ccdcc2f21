package service

import (
	"context"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// Health says what /readyz says, but for the listeners.
func Health(ctx context.Context, a *app.App) []model.ReadyCheck {
	return api.Readiness(ctx, a.Store, a.Store)
}
