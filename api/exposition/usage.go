package exposition

import (
	"context"
	"fmt"
)

// usage is what the database takes, in bytes.
type usage struct{ file, memory int64 }

// RefreshUsage reads anew what the database takes. It is quick, and may be asked
// for as often as it is scraped.
func (c *Collector) RefreshUsage(ctx context.Context) error {
	file, memory, err := c.source.Usage(ctx)
	if err != nil {
		return fmt.Errorf("refresh metrics: %w", err)
	}
	c.usage.Store(&usage{file, memory})
	return nil
}

// usageNow returns it as metrics, none before the first reading.
func (c *Collector) usageNow() *figures {
	f := newFigures()
	if now := c.usage.Load(); now != nil {
		f.gauge(c.ingest.file, float64(now.file))
		f.gauge(c.ingest.memory, float64(now.memory))
	}
	return f
}
