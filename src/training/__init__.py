"""The LightningModule, gathering across ranks, callbacks and the trainer's assembly."""
