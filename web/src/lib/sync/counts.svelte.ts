// What waits to be read, for the badges of the bar and of the app's icon.
class Counts {
    messages = $state(0);
    notifications = $state(0);
}

export const counts = new Counts();
