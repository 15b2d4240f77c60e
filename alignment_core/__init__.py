"""All that is true without a screen: the agreement, the funnel, the bridge from plan to actual."""
